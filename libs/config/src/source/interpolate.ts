/** Survives loading: it is filled in for each execution. */
const RESERVED = new Set(['SESSION_ID']);
const REFERENCE = /\{\{\s*\.([A-Za-z_]\w*)\s*\}\}/g;
const ANYTHING_ELSE = /\{\{(?!\s*\.?[A-Za-z_]\w*\s*\}\})/;

type Environment = Readonly<Record<string, string | undefined>>;

/** A file's text after interpolation, and where each part of it stood before. */
export interface FilledText {
  readonly text: string;
  /** Offset in the file of an offset in `text`. */
  originalOffset(offset: number): number;
}

/**
 * Replaces `{{.NAME}}` by the environment variable of that name, or by nothing where it is not set, and remembers positions. `$NAME` is
 * never special, so regular expressions and passwords are safe. A text that is no valid template is returned as it is.
 */
export function fill(text: string, environment: Environment, keepUnset = false): FilledText {
  if (ANYTHING_ELSE.test(text)) return { text, originalOffset: (offset) => offset };
  const shifts: { readonly from: number; readonly until: number; readonly original: number; readonly by: number }[] =
    [];
  let grown = 0;
  const filled = text.replace(REFERENCE, (whole, name: string, offset: number) => {
    const value = RESERVED.has(name) ? whole : (environment[name] ?? (keepUnset ? whole : ''));
    const from = offset + grown;
    grown += value.length - whole.length;
    shifts.push({ from, until: from + value.length, original: offset, by: grown });
    return value;
  });
  const originalOffset = (offset: number): number => {
    const shift = shifts.findLast(({ from }) => from <= offset);
    if (!shift) return offset;
    return offset < shift.until ? shift.original : offset - shift.by;
  };
  return { text: filled, originalOffset };
}

/** Names of the variables that a file refers to. */
export function referencedVariables(text: string): string[] {
  const names = [...text.matchAll(REFERENCE)].map((match) => match[1]!);
  return [...new Set(names)].filter((name) => !RESERVED.has(name));
}
