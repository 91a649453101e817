import { valueAt } from './json-path.js';

export type Facts = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /\{\{\s*([\w.[\]]+)\s*(?:\|\s*(\w+)\s*)?\}\}/g;

/** Names of the facts that a text needs. */
export function factsIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1]!.split(/[.[]/)[0]!);
}

/** Fills `{{fact}}`, `{{fact | bytes}}`, `{{fact | round}}`; undefined when a fact is not known. */
export function fill(text: string, facts: Facts): string | undefined {
  let complete = true;
  const filled = text.replace(PLACEHOLDER, (_whole, path: string, filter?: string) => {
    const value = valueAt(facts, path);
    if (value === undefined || value === null) complete = false;
    return format(value, filter);
  });
  return complete ? filled : undefined;
}

/** As {@link fill}, in every text of a structure; a text that is one placeholder alone keeps the type of its fact. */
export function fillAll(value: unknown, facts: Facts): unknown {
  if (typeof value === 'string') {
    const alone = /^\{\{\s*([\w.[\]]+)\s*\}\}$/.exec(value);
    return alone ? valueAt(facts, alone[1]!) : fill(value, facts);
  }
  if (Array.isArray(value)) return value.map((item) => fillAll(item, facts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAll(item, facts)]));
}

function format(value: unknown, filter: string | undefined): string {
  if (filter === 'bytes' && typeof value === 'number') return bytes(value);
  if (filter === 'round' && typeof value === 'number') return String(Math.round(value * 10) / 10);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Binary units, three digits: `1.46 GiB`. */
function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = count;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}
