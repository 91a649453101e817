import type { z } from 'zod';
import type { Path } from './yaml-file.js';

type Issue = z.core.$ZodIssue;

/** The first one finds all there is; a value that is left out may make another one wrong. */
const MOST_ROUNDS = 5;

/**
 * Fills defaults and tells what the schema refuses; refused values are left out, so that the rest can still be checked. The schema
 * must have a default for everything.
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: Record<string, unknown>,
  report: (path: Path, message: string) => void,
): z.output<Schema> {
  const rest = structuredClone(value);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const result = schema.safeParse(rest);
    if (result.success) return result.data;
    const issues = result.error.issues.flatMap((issue) => innermost(issue, []));
    for (const { path, message } of issues) report(path, message);
    // Last ones first: what is left keeps its index.
    for (const { path } of issues.toReversed()) remove(rest, path);
  }
  throw new Error('a schema without defaults can not be checked');
}

/** A union reports that nothing fits; what matters is why the closest option does not. */
function innermost(issue: Issue, above: Path): { path: Path; message: string }[] {
  const path = [...above, ...(issue.path as Path)];
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }];
  const closest = issue.errors.find((issues) => issues.length > 0 && issues.every((inner) => inner.path.length > 0));
  return closest ? closest.flatMap((inner) => innermost(inner, path)) : [{ path, message: issue.message }];
}

function remove(root: unknown, path: Path): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let parent = root;
  for (const step of path.slice(0, -1)) parent = (parent as Record<string | number, unknown> | undefined)?.[step];
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (typeof parent === 'object' && parent !== null) delete (parent as Record<string | number, unknown>)[last];
}
