import { z } from 'zod';

export interface UnknownKey {
  readonly path: readonly (string | number)[];
  readonly key: string;
  /** The known key that looks most like it; undefined where none does. */
  readonly nearest: string | undefined;
}

/** Keys of `value` that `schema` does not know. Files with keys of a newer or another system must load, so these are warnings. */
export function unknownKeys(schema: z.ZodType, value: unknown, path: readonly (string | number)[] = []): UnknownKey[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, index) => unknownKeys(inner.element as z.ZodType, item, [...path, index]));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const entries = Object.entries(value);
  if (inner instanceof z.ZodRecord)
    return entries.flatMap(([key, item]) => unknownKeys(inner.valueType as z.ZodType, item, [...path, key]));
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Record<string, z.ZodType>;
  return entries.flatMap(([key, item]) => {
    const known = shape[key];
    return known
      ? unknownKeys(known, item, [...path, key])
      : [{ path, key, nearest: nearestOf(key, Object.keys(shape)) }];
  });
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}

function nearestOf(key: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(key, candidate) }))
    .sort((left, right) => left.distance - right.distance);
  return best && best.distance <= Math.max(2, Math.floor(key.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein distance: https://en.wikipedia.org/wiki/Levenshtein_distance */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++)
      current[column] = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1),
      );
    previous = current;
  }
  return previous[right.length]!;
}
