const instants = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const instantText = (iso: string): string => instants.format(new Date(iso));

/** `4.2 s`, `3 min 20 s`; a dash where nothing has been measured. */
export function durationText(durationMs: number | null): string {
  if (durationMs === null) return '–';
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  return `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1_000)} s`;
}
