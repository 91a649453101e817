/** Survives loading: it is filled in for each execution. */
const RESERVED = new Set(['SESSION_ID']);

/**
 * Replaces `{{.NAME}}` by the environment variable of that name, or by nothing where it is not set. `$NAME` is never special, so
 * regular expressions and passwords are safe. A text that is no valid template is returned as it is.
 */
export function interpolate(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  keepUnset = false,
): string {
  if (/\{\{(?!\s*\.?[A-Za-z_]\w*\s*\}\})/.test(text)) return text;
  return text.replace(/\{\{\s*\.([A-Za-z_]\w*)\s*\}\}/g, (whole, name: string) =>
    RESERVED.has(name) ? whole : (environment[name] ?? (keepUnset ? whole : '')),
  );
}

/** Names of the variables that a file refers to. */
export function referencedVariables(text: string): string[] {
  const names = [...text.matchAll(/\{\{\s*\.([A-Za-z_]\w*)\s*\}\}/g)].map((match) => match[1]!);
  return [...new Set(names)].filter((name) => !RESERVED.has(name));
}
