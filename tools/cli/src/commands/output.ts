import { colors } from './colors.js';

/** Progress and remarks go to standard error, so that standard output can be piped. */
export function say(text: string): void {
  console.error(`${colors.dim('tarsy:')} ${text}`);
}

/** Rows below a line of titles, each column as wide as its widest cell. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd(); // prettier-ignore
  return [colors.bold(line(titles)), ...rows.map(line)].join('\n');
}
