/** Readers of answers whose shape is the vendor's promise, not a fact. */

export type Fields = Readonly<Record<string, unknown>>;

export function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Text, or the text parts of a list, as some servers send it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return list(value)
    .map((part) => textOf(record(part)['text']))
    .join('');
}

/** A number of tokens; anything that is none is 0. */
export const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;

/** The object that a text of JSON holds; undefined where it holds none. */
export function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** Arguments of a call for APIs that take nothing but an object. */
export function argumentsObject(text: string): Fields {
  return objectIn(text) ?? (text.trim() === '' ? {} : { input: text });
}
