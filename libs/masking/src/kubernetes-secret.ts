import { parseAllDocuments, stringify } from 'yaml';

const MASK = '[MASKED_SECRET_DATA]';
const SECRET_LINE = /^\s*(?:-\s*)?kind:\s*["']?(?:Secret|SecretList)["']?\s*$/m;
const SECRET_JSON = /"kind"\s*:\s*"(?:Secret|SecretList)"/;
/** Deeper than any manifest; guards against hostile nesting. */
const DEEPEST = 32;

type Mapping = Record<string, unknown>;

/** Masks `data` and `stringData` of Secret manifests, in JSON or YAML. Text without one, and text that does not parse, is left alone. */
export function maskKubernetesSecrets(text: string): string {
  if (!SECRET_LINE.test(text) && !SECRET_JSON.test(text.replaceAll('\\"', '"'))) return text;
  return maskJson(text) ?? maskYaml(text) ?? text;
}

function maskJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { result, changed } = masked(value, 0);
    return changed ? JSON.stringify(result, null, /\n/.test(text) ? 2 : undefined) : text;
  } catch {
    return undefined;
  }
}

function maskYaml(text: string): string | undefined {
  try {
    const documents = parseAllDocuments(text, { maxAliasCount: 100 } as object);
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
    const results = documents.map((document) => masked(document.toJS({ maxAliasCount: 100 }), 0));
    if (!results.some(({ changed }) => changed)) return text;
    return results.map(({ result }) => stringify(result, { lineWidth: 0 })).join('---\n');
  } catch {
    return undefined;
  }
}

function masked(value: unknown, depth: number): { result: unknown; changed: boolean } {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return { result: value, changed: false };
  if (Array.isArray(value)) {
    const items = value.map((item) => masked(item, depth + 1));
    return { result: items.map(({ result }) => result), changed: items.some(({ changed }) => changed) };
  }
  const mapping = value as Mapping;
  const isSecret = mapping['kind'] === 'Secret';
  let changed = false;
  const result: Mapping = {};
  for (const [key, item] of Object.entries(mapping)) {
    if (isSecret && (key === 'data' || key === 'stringData')) {
      result[key] = MASK;
      changed = true;
      continue;
    }
    const inner = key === 'annotations' ? maskedAnnotations(item) : masked(item, depth + 1);
    result[key] = inner.result;
    changed ||= inner.changed;
  }
  return { result, changed };
}

/** `kubectl apply` keeps the whole manifest as JSON in an annotation. */
function maskedAnnotations(annotations: unknown): { result: unknown; changed: boolean } {
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations))
    return { result: annotations, changed: false };
  let changed = false;
  const result = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => {
      const text = typeof value === 'string' && SECRET_JSON.test(value) ? maskJson(value) : undefined;
      changed ||= text !== undefined && text !== value;
      return [key, text ?? value];
    }),
  );
  return { result, changed };
}
