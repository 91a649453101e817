const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration such as `500ms`, `90s`, `1h30m` (the Go form: https://pkg.go.dev/time#ParseDuration) as milliseconds.
 * @throws {TypeError} the text is not a duration
 */
export function parseDurationMs(text: string): number {
  const match = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text.trim());
  if (text.trim() === '0') return 0;
  if (!match) throw new TypeError(`"${text}" is not a duration such as 500ms, 90s or 1h30m`);
  let total = 0;
  for (const part of match[2]!.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(part[1]) * UNIT_MS[part[2]!]!;
  return match[1] === '-' ? -total : total;
}

/** Shortest exact form of a number of milliseconds: `90000` is `1m30s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = Math.abs(durationMs);
  const parts: string[] = [];
  for (const [unit, sizeMs] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    const count = Math.floor(rest / sizeMs);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * sizeMs;
  }
  if (rest > 0) parts.push(`${rest}ms`);
  return (durationMs < 0 ? '-' : '') + parts.join('');
}
