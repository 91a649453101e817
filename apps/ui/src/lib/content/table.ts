/** Rows that all tell the same things, such as one per file system. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that hold nothing but numbers: these are set to the right. */
  readonly numeric: ReadonlySet<number>;
}

const MOST_COLUMNS = 12;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFlat = (value: unknown): boolean => value === null || typeof value !== 'object';

/** The table that a list of flat objects is; undefined where something nests, or where it would be too wide to read. */
export function tableOf(value: unknown): Table | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) return undefined;
  if (!value.every((row) => Object.values(row).every(isFlat))) return undefined;
  const columns = [...new Set(value.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0 || columns.length > MOST_COLUMNS) return undefined;
  const rows = value.map((row) => columns.map((column) => cellText(row[column])));
  const numeric = columns.flatMap((column, index) =>
    value.every((row) => row[column] === undefined || typeof row[column] === 'number') ? [index] : [],
  );
  return { columns, rows, numeric: new Set(numeric) };
}

const cellText = (value: unknown): string => (value === null || value === undefined ? '' : String(value));

/** One part of a structured answer: a table under its name, or whatever is no table. */
export interface Section {
  readonly name: string | undefined;
  readonly table: Table | undefined;
  readonly value: unknown;
}

/** An answer cut into what reads best as a table and the rest, in its own order. */
export function sectionsOf(value: object): Section[] {
  const whole = tableOf(value);
  if (whole) return [{ name: undefined, table: whole, value }];
  if (!isRecord(value)) return [{ name: undefined, table: undefined, value }];
  const rest: Record<string, unknown> = {};
  const tables: Section[] = [];
  for (const [name, part] of Object.entries(value)) {
    const table = tableOf(part);
    if (table) tables.push({ name, table, value: part });
    else rest[name] = part;
  }
  const hasRest = Object.keys(rest).length > 0;
  return [...(hasRest ? [{ name: undefined, table: undefined, value: rest }] : []), ...tables];
}
