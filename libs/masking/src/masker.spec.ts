import { describe, expect, it } from 'vitest';
import { isMaskingGroup, isMaskingPattern, Masker } from './index.js';

const masked = (pattern: string, text: string): string => new Masker({ patterns: [pattern] }).mask(text);

const CERTIFICATE =
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3VS5JJcds3\nxfn/ygWyF8PbnGy0AHB7MhgwMbRv\n-----END RSA PRIVATE KEY-----';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_DEF';

/** Pattern, text, what it becomes. */
const EXAMPLES: readonly (readonly [pattern: string, text: string, expected: string])[] = [
  ['api_key', 'api_key: abcdefghij0123456789', '"api_key": "[MASKED_API_KEY]"'],
  ['api_key', '{"API-Key" : "abcdefghij_-0123456789"}', '{"api_key": "[MASKED_API_KEY]"}'],
  ['api_key', "apikey='abcdefghij0123456789'", '"api_key": "[MASKED_API_KEY]"'],
  ['api_key', 'key=abcdefghij0123456789/and+the/rest== next', '"api_key": "[MASKED_API_KEY]" next'],
  ['api_key', 'key: abcdefghij012345678', 'key: abcdefghij012345678'],
  ['password', 'password=hunter22 user=ann', '"password": "[MASKED_PASSWORD]" user=ann'],
  ['password', 'PWD: hunter22', '"password": "[MASKED_PASSWORD]"'],
  ['password', '{"pass": "correct horse battery staple", "user": "ann"}', '{"password": "[MASKED_PASSWORD]", "user": "ann"}'],
  ['password', String.raw`{"password": "it\"s my secret"}`, '{"password": "[MASKED_PASSWORD]"}'],
  ['password', String.raw`"summary": "got {\"password\": \"correct horse\"}"`, '"summary": "got {"password": "[MASKED_PASSWORD]"}"'],
  ['password', "password: 'two words'", '"password": "[MASKED_PASSWORD]"'],
  ['password', 'password: short', 'password: short'],
  ['password', '"password": "", "user": "somebody"', '"password": "", "user": "somebody"'],
  ['token', `token: ${TOKEN}`, '"token": "[MASKED_TOKEN]"'],
  ['token', `"jwt":"${TOKEN}"`, '"token": "[MASKED_TOKEN]"'],
  ['token', `Authorization: Bearer ${TOKEN}`, 'Authorization: "token": "[MASKED_TOKEN]"'],
  ['token', 'run --token=abc --verbose', 'run "token": "[MASKED_TOKEN]" --verbose'],
  ['token', 'run --token "a b c" --verbose', 'run "token": "[MASKED_TOKEN]" --verbose'],
  ['token', 'the bearer of news', 'the bearer of news'],
  ['private_key', 'private-key: abcdefghij.0123456789', '"private_key": "[MASKED_PRIVATE_KEY]"'],
  ['secret_key', 'SECRETKEY=abcdefghij.0123456789', '"secret_key": "[MASKED_SECRET_KEY]"'],
  ['certificate', `before ${CERTIFICATE} after`, 'before [MASKED_CERTIFICATE] after'],
  ['certificate', `${CERTIFICATE}\n${CERTIFICATE}`, '[MASKED_CERTIFICATE]\n[MASKED_CERTIFICATE]'],
  ['certificate', `${CERTIFICATE.slice(0, 80)}`, '[MASKED_CERTIFICATE]'],
  ['certificate', `it begins with -----BEGIN CERTIFICATE----- and so on`, 'it begins with [MASKED_CERTIFICATE] and so on'],
  ['certificate', JSON.stringify(CERTIFICATE), '"[MASKED_CERTIFICATE]"'],
  ['certificate_authority_data', 'certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0=', 'certificate-authority-data: [MASKED_CA_CERTIFICATE]'],
  ['email', 'from ann.lee+x@mail.example.com, to bob@example.org.', 'from [MASKED_EMAIL], to [MASKED_EMAIL].'],
  ['email', 'ann@example.c and @example.com and a@b', 'ann@example.c and @example.com and a@b'],
  ['ssh_key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ann@host', '[MASKED_SSH_KEY] ann@host'],
  ['base64_secret', 'x c2VjcmV0IHZhbHVlIG9mIG1pbmU= y', 'x [MASKED_BASE64_VALUE] y'],
  ['base64_secret', 'short c2VjcmV0', 'short c2VjcmV0'],
  ['base64_short', 'a: c2VjcmV0\nb: eHl6dw==\nc: not base64!', 'a: [MASKED_SHORT_BASE64]\nb: [MASKED_SHORT_BASE64]\nc: not base64!'],
  ['aws_access_key', 'aws_access_key_id = AKIAIOSFODNN7EXAMPLE', '"aws_access_key_id": "[MASKED_AWS_KEY]"'],
  ['aws_secret_key', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '"aws_secret_access_key": "[MASKED_AWS_SECRET]"'],
  ['github_token', `push with ghp_${'a1'.repeat(20)} failed`, 'push with [MASKED_GITHUB_TOKEN] failed'],
  ['github_token', `ghs_${'a'.repeat(300)}`, '[MASKED_GITHUB_TOKEN]'],
  ['github_token', 'GITHUB_TOKEN is not set', '[MASKED_GITHUB_TOKEN] is not set'],
  ['slack_token', `xoxb-${'1'.repeat(100)}!`, '[MASKED_SLACK_TOKEN]!'],
]; // prettier-ignore

describe(Masker.name, () => {
  it.each(EXAMPLES)('%s: %s', (pattern, text, expected) => {
    expect(masked(pattern, text)).toBe(expected);
  });

  it.each(EXAMPLES)('%s finds nothing new in its own result: %s', (pattern, text) => {
    const once = masked(pattern, text);
    expect(masked(pattern, once)).toBe(once);
  });

  it.each(['basic', 'secrets', 'security', 'kubernetes', 'cloud', 'all'])(
    'masks twice as once with group %s',
    (group) => {
      const masker = new Masker({ patternGroups: [group] });
      for (const [, text] of EXAMPLES) {
        const once = masker.mask(text);
        expect(masker.mask(once)).toBe(once);
      }
    },
  );

  /** Member of each group, shown by a text that only it masks. */
  it.each([
    ['basic', ['api_key', 'password']],
    ['secrets', ['api_key', 'password', 'token', 'private_key', 'secret_key']],
    ['security', ['api_key', 'password', 'token', 'certificate', 'certificate_authority_data', 'email', 'ssh_key']],
    ['kubernetes', ['api_key', 'password', 'certificate_authority_data']],
    ['cloud', ['aws_access_key', 'aws_secret_key', 'api_key', 'token']],
    ['all', EXAMPLES.map(([pattern]) => pattern)],
  ])('applies the members of %s', (group, members) => {
    const masker = new Masker({ patternGroups: [group] });
    for (const [pattern, text, expected] of EXAMPLES)
      if (members.includes(pattern) && text !== expected) expect(masker.mask(text)).toContain('[MASKED_');
  });

  it('leaves nothing of a secret beside the mask, whatever surrounds it', () => {
    const masker = new Masker({ patternGroups: ['all'] });
    const secret = 'q8Zp/4Jx+T0mKfL2wRb7uN1vYs5hGdEc9aQiO3tX';
    for (const frame of [
      `api_key=${secret}`,
      `"token": "${secret}"`,
      `secret_key: '${secret}'`,
      `Authorization: Bearer ${secret}`,
      `{\\"password\\":\\"${secret}\\"}`,
      `aws_secret_access_key=${secret}`,
      `--token ${secret}`,
    ]) {
      const text = masker.mask(`before ${frame} after`);
      for (let start = 0; start + 6 <= secret.length; start++)
        expect(text).not.toContain(secret.slice(start, start + 6));
      expect(text).toMatch(/^before .*after$/);
    }
  });

  it('applies custom patterns last, takes their replacement literally and skips one that does not compile', () => {
    const bad: string[] = [];
    const masker = new Masker({
      patterns: ['email'],
      customPatterns: [
        { pattern: '(', replacement: 'never' },
        { pattern: '(?i)acct-[0-9]+', replacement: '$1[ACCT]' },
      ],
      onBadPattern: (pattern) => bad.push(pattern),
    });
    expect(masker.mask('ACCT-17 of ann@example.com')).toBe('$1[ACCT] of [MASKED_EMAIL]');
    expect(bad).toEqual(['(']);
  });

  it('names its groups and patterns', () => {
    expect([isMaskingGroup('all'), isMaskingGroup('none'), isMaskingGroup('toString')]).toEqual([true, false, false]);
    expect([isMaskingPattern('email'), isMaskingPattern('kubernetes_secret')]).toEqual([true, false]);
  });
});

/** Texts of one MiB that take an expression with a careless repetition minutes. */
const HOSTILE: Readonly<Record<string, string>> = {
  'opened blocks': '-----BEGIN A-----',
  'opened blocks with lines': '-----BEGIN A-----\nAAAAAAAAAAAAAAAAAAAAAAAA\n',
  'dotted words': 'a.',
  'addresses without an end': 'a@a.',
  'domains without an end': 'a@a.a-',
  'one letter': 'a',
  'white space': ' ',
  'new lines': '\n',
  'back-slashes': '\\',
  quotes: '"',
  'keys without a value': 'password',
  'keys and white space': 'key   \t  ',
  'keys with an open quote': 'password:"',
  'keys with an open single quote': "password:'",
  'keys with an escaped quote': 'password:\\"',
  'flags with an open quote': '--token "',
  'bearer words': 'bearer ',
  'short base64': ': abcd',
  'plus signs': '+',
  slashes: '/a',
  'key authority': 'certificate-authority-data: ',
  'ssh words': 'ssh-rsa ',
  'aws keys': 'aws_secret_access_key=',
  'github words': 'ghp_',
  'slack words': 'xoxb-',
  'secret lines': 'kind: Secret\n',
  'list items': '- - - - \n',
  'indented lines': '      \n',
};

describe('time', () => {
  const all = new Masker({ patternGroups: ['all'] });
  // A pattern that backtracks takes minutes; processor time does not count what other processes do meanwhile.
  it.each(Object.keys(HOSTILE))(
    'does not grow with the square of the length: 1 MiB of %s',
    { timeout: 60_000 },
    (name) => {
      const unit = HOSTILE[name]!;
      const text = unit.repeat(Math.ceil(1024 ** 2 / unit.length));
      const before = process.cpuUsage();
      all.mask(text);
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(10_000);
    },
  );
});
