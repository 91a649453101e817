import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type Pair } from 'yaml';

const MASK = '[MASKED_SECRET_DATA]';
const SECRET_LINE = /^[ \t]*(?:-[ \t]*)*["']?kind["']?:[ \t]*["']?(?:Secret|SecretList)["']?[ \t\r]*(?:#.*)?$/m;
const SECRET_JSON = /"kind"\s*:\s*"(?:Secret|SecretList)"/;
/** Deeper than any manifest; guards against hostile nesting, on which the YAML parser spends seconds. */
const DEEPEST = 64;
const HOSTILE_NESTING = new RegExp(`(?:[[{]\\s*){${DEEPEST}}`);

type Mapping = Record<string, unknown>;

/** Masks `data` and `stringData` of Secret manifests, in JSON or YAML. Text without one, and text that does not parse, is left alone. */
export function maskKubernetesSecrets(text: string): string {
  if (!SECRET_LINE.test(text) && !SECRET_JSON.test(text.replaceAll('\\"', '"'))) return text;
  return maskJson(text) ?? maskYaml(text) ?? text;
}

function maskJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const { result, changed } = masked(value, false, 0);
    return changed ? JSON.stringify(result, null, /\n/.test(text) ? 2 : undefined) : text;
  } catch {
    return undefined;
  }
}

/** @param inSecretList Items of a typed list say nothing of their kind. */
function masked(value: unknown, inSecretList: boolean, depth: number): { result: unknown; changed: boolean } {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return { result: value, changed: false };
  if (Array.isArray(value)) {
    const items = value.map((item) => masked(item, inSecretList, depth + 1));
    return { result: items.map(({ result }) => result), changed: items.some(({ changed }) => changed) };
  }
  const mapping = value as Mapping;
  const kind = mapping['kind'];
  let changed = false;
  const result: Mapping = {};
  for (const [key, item] of Object.entries(mapping)) {
    const inner = isSecretField(key, kind, inSecretList)
      ? { result: MASK, changed: true }
      : key === 'annotations'
        ? maskedAnnotations(item)
        : masked(item, inSecretList || kind === 'SecretList', depth + 1);
    result[key] = inner.result;
    changed ||= inner.changed;
  }
  return { result, changed };
}

function isSecretField(key: unknown, kind: unknown, inSecretList: boolean): boolean {
  return (key === 'data' || key === 'stringData') && (kind === 'Secret' || (inSecretList && kind === undefined));
}

/** `kubectl apply` keeps the whole manifest as JSON in an annotation. */
function maskedAnnotations(annotations: unknown): { result: unknown; changed: boolean } {
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations))
    return { result: annotations, changed: false };
  let changed = false;
  const result = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => {
      const text = maskedAnnotation(value);
      changed ||= text !== undefined;
      return [key, text ?? value];
    }),
  );
  return { result, changed };
}

function maskedAnnotation(value: unknown): string | undefined {
  const text = typeof value === 'string' && SECRET_JSON.test(value) ? maskJson(value) : undefined;
  return text === value ? undefined : text;
}

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Replaces values where they stand, so that comments and layout survive. A document that does not parse is left alone. */
function maskYaml(text: string): string | undefined {
  if (HOSTILE_NESTING.test(text)) return undefined;
  try {
    // The check for unique keys takes quadratic time.
    const documents = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
    const replacements: Replacement[] = [];
    for (const document of documents as Document.Parsed[])
      if (document.errors.length === 0)
        collect(document.contents, false, (replacement) => replacements.push(replacement));
    return applied(text, replacements);
  } catch {
    return undefined;
  }
}

function collect(node: unknown, inSecretList: boolean, add: (replacement: Replacement) => void): void {
  if (isSeq(node)) node.items.forEach((item) => collect(item, inSecretList, add));
  if (!isMap(node)) return;
  const kind = node.get('kind');
  for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
    const name = isScalar(key) ? key.value : undefined;
    if (isSecretField(name, kind, inSecretList)) replaceBy(value, MASK, add);
    else if (name === 'annotations' && isMap(value)) collectAnnotations(value.items as Pair<Node, Node | null>[], add);
    else collect(value, inSecretList || kind === 'SecretList', add);
  }
}

function collectAnnotations(
  annotations: readonly Pair<Node, Node | null>[],
  add: (replacement: Replacement) => void,
): void {
  for (const { value } of annotations) {
    const text = isScalar(value) ? maskedAnnotation(value.value) : undefined;
    if (text !== undefined) replaceBy(value, text, add);
  }
}

function replaceBy(node: Node | null, text: string, add: (replacement: Replacement) => void): void {
  const isEmpty = node === null || (isScalar(node) && node.value === null && !isAlias(node));
  if (!isEmpty && node.range) add({ from: node.range[0], to: node.range[1], text: JSON.stringify(text) });
}

function applied(text: string, replacements: readonly Replacement[]): string {
  const parts: string[] = [];
  let copiedTo = 0;
  for (const { from, to, text: replacement } of replacements) {
    const trailing = /\s*$/.exec(text.slice(Math.max(from, to - 1), to))?.[0] ?? '';
    parts.push(text.slice(copiedTo, from), replacement, trailing);
    copiedTo = to;
  }
  return parts.join('') + text.slice(copiedTo);
}
