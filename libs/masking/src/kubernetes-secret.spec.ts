import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { maskKubernetesSecrets } from './kubernetes-secret.js';

const MASK = '[MASKED_SECRET_DATA]';
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password: 'aHVudGVyMjI=' } };

/** What is left after masking, with the check that a second time changes nothing. */
function mask(text: string): string {
  const once = maskKubernetesSecrets(text);
  expect(maskKubernetesSecrets(once)).toBe(once);
  return once;
}

describe(maskKubernetesSecrets.name, () => {
  it('masks data and stringData in JSON', () => {
    expect(JSON.parse(mask(JSON.stringify({ ...secret, stringData: { user: 'ann' } })))).toEqual({
      ...secret,
      data: MASK,
      stringData: MASK,
    });
  });

  it('keeps JSON on several lines on several lines', () => {
    expect(mask(JSON.stringify(secret, null, 2))).toBe(JSON.stringify({ ...secret, data: MASK }, null, 2));
  });

  it('masks YAML where it stands, in every document, and keeps comments and layout', () => {
    const text = [
      '# the database',
      'apiVersion: v1',
      'data: # base64',
      '  password: aHVudGVyMjI=',
      '  note: |',
      '    several',
      '    lines',
      'kind: Secret',
      'metadata:   {name: db}',
      '---',
      'kind: ConfigMap',
      'data: { log: debug }',
      '---',
      "kind: 'Secret' # flow",
      'stringData: { a: b }',
      '',
    ].join('\n');
    const result = mask(text);
    expect(result).not.toMatch(/aHVudGVyMjI|several|a: b/);
    expect(result).toContain('# the database\napiVersion: v1\n');
    expect(result).toContain('metadata:   {name: db}\n---\nkind: ConfigMap\ndata: { log: debug }\n---\n');
    expect(parseAllDocuments(result).map((document) => (document.toJS() as { data?: unknown }).data)).toEqual([
      MASK,
      { log: 'debug' },
      undefined,
    ]);
  });

  it.each(['List', 'SecretList'])('masks the items of a %s', (kind) => {
    const list = { apiVersion: 'v1', kind, items: [secret, { ...secret, data: { other: 'b3RoZXI=' } }] };
    expect(mask(JSON.stringify(list))).not.toMatch(/aHVudGVyMjI|b3RoZXI/);
  });

  it('masks items of a SecretList that do not say their kind', () => {
    const { kind: _kind, ...item } = secret;
    const list = { kind: 'SecretList', items: [item] };
    expect(JSON.parse(mask(JSON.stringify(list)))).toEqual({ kind: 'SecretList', items: [{ ...item, data: MASK }] });
    const yaml = 'kind: SecretList\nitems:\n- metadata:\n    name: db\n  data:\n    password: aHVudGVyMjI=\n';
    expect(parse(mask(yaml))).toEqual({ kind: 'SecretList', items: [{ metadata: { name: 'db' }, data: MASK }] });
  });

  it('masks a manifest inside an annotation', () => {
    const annotated = {
      ...secret,
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(secret)}\n`, note: 'x' } },
    }; // prettier-ignore
    const json = mask(JSON.stringify(annotated));
    expect(json).not.toContain('aHVudGVyMjI');
    expect(json).toContain('"note":"x"');
    const yaml = `kind: ConfigMap\nmetadata:\n  annotations:\n    last: |\n      ${JSON.stringify(secret)}\n    note: x\n---\nkind: Secret\n`;
    expect(mask(yaml)).not.toContain('aHVudGVyMjI');
    expect(mask(yaml)).toContain('    note: x\n');
  });

  it.each([
    ['a ConfigMap', 'kind: ConfigMap\ndata:\n  password: plain\n'],
    ['a Secret without data', 'kind: Secret\nmetadata:\n  name: db\n'],
    ['text that does not parse', 'kind: Secret\ndata: [1, 2\nother: }\n'],
    ['words', 'the kind: Secret is in the house'],
  ])('leaves %s alone', (_name, text) => {
    expect(mask(text)).toBe(text);
  });

  it('masks what parses beside what does not', () => {
    expect(mask('a: [1\n---\nkind: Secret\ndata:\n  password: aHVudGVyMjI=\n')).not.toContain('aHVudGVyMjI');
  });

  const lines = (line: (index: number) => string): string => {
    let text = '';
    for (let index = 0; text.length < 1024 ** 2; index++) text += line(index);
    return text;
  };
  it.each([
    ['keys', `kind: Secret\ndata:\n${lines((index) => `  k${index}: v\n`)}`],
    ['items', lines(() => '- kind: Secret\n  metadata:\n    name: db\n  data:\n    password: aHVudGVyMjI=\n')],
    ['documents', lines(() => 'kind: Secret\ndata:\n  password: aHVudGVyMjI=\n---\n')],
    ['nested lists', `kind: Secret\na: ${'['.repeat(1024 ** 2)}`],
    ['nested JSON', `{"kind":"Secret","a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
    ['aliases', `kind: Secret\na: &a [x]\nb: [${'*a,'.repeat(300_000)}]`],
  ])('takes time in proportion to the text for 1 MiB of %s', (_name, text) => {
    const before = process.cpuUsage();
    maskKubernetesSecrets(text);
    // Far above what it takes, and far below a quadratic search; processor time does not count what other processes do meanwhile.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
  });
});
