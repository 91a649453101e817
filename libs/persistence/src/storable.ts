/**
 * A copy of JSON data that PostgreSQL can store as text and as jsonb: NUL characters, which it has no room for, are left out, and halves
 * of a surrogate pair become U+FFFD. Models and tools write both.
 */
export function storable<Value>(value: Value): Value {
  return storableValue(value) as Value;
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [storableText(key), storableValue(entry)]));
}

function storableText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}
