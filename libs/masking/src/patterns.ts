import { maskEmails } from './emails.js';
import { maskPemBlocks } from './pem-blocks.js';

export interface Pattern {
  /** What is replaced: every match of an expression, or what a function finds where no expression does so in linear time. */
  readonly find: RegExp | ((text: string, replacement: string) => string);
  /** Literal text. */
  readonly replacement: string;
  /** Part of every match. Most texts have nothing of the kind, and looking for this alone takes a third of the time. */
  readonly sign?: RegExp;
}

/** Plain, or escaped as inside a JSON string. Bounded, as every repetition that may be tried at each character. */
const QUOTE = String.raw`(?:\\{0,15}["'])`;

/** What is masked stays as it is, so that a text may be masked again. */
const NOT_MASKED = String.raw`(?!${QUOTE}?\[MASKED_[A-Z0-9_]+\](?:["'\s]|$))`;

/** `name: value`, `name=value`, `"name": "value"`, `\"name\": \"value\"`; case-insensitive. */
const keyValue = (name: string, value: string): RegExp =>
  new RegExp(`${QUOTE}?${name}${QUOTE}?\\s*[:=]\\s*${NOT_MASKED}${value}`, 'gi');

/** A {@link keyValue} pattern; the name is the sign of it. */
const named = (name: string, value: string, replacement: string): Pattern => ({
  find: keyValue(name, value),
  replacement,
  sign: new RegExp(name, 'i'),
});

/** A value that begins with enough characters of the class. The rest of the word goes with it: half a secret is a hint. */
const word = (start: string): string => String.raw`${QUOTE}?${start}[^\s"'\\,;<>(){}\[\]]*${QUOTE}?`;

/** Anything within quotes, white space included; else up to white space or a quote. */
const ANY_VALUE = [
  String.raw`\\{1,15}"[^"\n]{6,}"`,
  String.raw`"(?:[^"\\\n]|\\.){6}[^"\\\n]*(?:\\.[^"\\\n]*)*"`,
  String.raw`'(?:[^'\\\n]|\\.){6}[^'\\\n]*(?:\\.[^'\\\n]*)*'`,
  String.raw`["']?[^"'\s]{6,}["']?`,
].join('|');

const TOKEN = word('[A-Za-z0-9_\\-.]{20,}');

/** The fifteen built-in patterns, in the order in which a group applies them. Each takes time linear in the text, and finds nothing new in its own result. */
export const PATTERNS = {
  api_key: named('(?:api_key|api-key|apikey|key)', word('[A-Za-z0-9_\\-]{20,}'), '"api_key": "[MASKED_API_KEY]"'),
  password: named('(?:password|pwd|pass)', `(?:${ANY_VALUE})`, '"password": "[MASKED_PASSWORD]"'),
  token: {
    find: new RegExp(
      [
        String.raw`--token(?:=|\s+)(?:"[^"]+"|'[^']+'|[^\s"']+)`,
        keyValue('(?:token|bearer|jwt)', TOKEN).source,
        String.raw`\bbearer\s+${TOKEN}`,
      ].join('|'),
      'gi',
    ),
    replacement: '"token": "[MASKED_TOKEN]"',
    sign: /token|bearer|jwt/i,
  },
  private_key: named('private[_-]?key', TOKEN, '"private_key": "[MASKED_PRIVATE_KEY]"'),
  secret_key: named('secret[_-]?key', TOKEN, '"secret_key": "[MASKED_SECRET_KEY]"'),
  certificate: { find: maskPemBlocks, replacement: '[MASKED_CERTIFICATE]' },
  certificate_authority_data: {
    find: /certificate-authority-data:\s*[A-Za-z0-9+/]{20,}={0,2}/gi,
    replacement: 'certificate-authority-data: [MASKED_CA_CERTIFICATE]',
  },
  email: { find: maskEmails, replacement: '[MASKED_EMAIL]' },
  ssh_key: { find: /ssh-(?:rsa|dss|ed25519|ecdsa)\s+[A-Za-z0-9+/=]+/g, replacement: '[MASKED_SSH_KEY]' },
  base64_secret: { find: /(?<![A-Za-z0-9+/_])[A-Za-z0-9+/]{20,}={0,2}/g, replacement: '[MASKED_BASE64_VALUE]' },
  base64_short: { find: /: [A-Za-z0-9+/]{4,19}={0,2}(?=\s|$)/gm, replacement: ': [MASKED_SHORT_BASE64]' },
  aws_access_key: named(
    'aws[_-]?access[_-]?key[_-]?id',
    word('AKIA[A-Z0-9]{16}'),
    '"aws_access_key_id": "[MASKED_AWS_KEY]"',
  ),
  aws_secret_key: named(
    'aws[_-]?secret[_-]?access[_-]?key',
    word('[A-Za-z0-9/+=]{40}'),
    '"aws_secret_access_key": "[MASKED_AWS_SECRET]"',
  ),
  github_token: {
    find: /(?<!\[MASKED_)github[_-]?token|gh[pousr]_\w{36,}/gi,
    replacement: '[MASKED_GITHUB_TOKEN]',
  },
  slack_token: { find: /xox[baprs]-[A-Za-z0-9-]{10,}/g, replacement: '[MASKED_SLACK_TOKEN]' },
} satisfies Readonly<Record<string, Pattern>>;

export type PatternName = keyof typeof PATTERNS;

/** Works on structure instead of text; see kubernetes-secret.ts. */
export const KUBERNETES_SECRET = 'kubernetes_secret';

export const GROUPS: Readonly<Record<string, readonly (PatternName | typeof KUBERNETES_SECRET)[]>> = {
  basic: ['api_key', 'password'],
  secrets: ['api_key', 'password', 'token', 'private_key', 'secret_key'],
  security: ['api_key', 'password', 'token', 'certificate', 'certificate_authority_data', 'email', 'ssh_key'],
  kubernetes: [KUBERNETES_SECRET, 'api_key', 'password', 'certificate_authority_data'],
  cloud: ['aws_access_key', 'aws_secret_key', 'api_key', 'token'],
  all: [KUBERNETES_SECRET, ...(Object.keys(PATTERNS) as PatternName[])],
};

export function isMaskingGroup(name: string): boolean {
  return Object.hasOwn(GROUPS, name);
}

export function isMaskingPattern(name: string): name is PatternName {
  return Object.hasOwn(PATTERNS, name);
}
