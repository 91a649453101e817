import { t } from '../i18n/text';

const instants = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clockTimes = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** Date and time in the reader's own time zone. */
export const instantText = (iso: string): string => instants.format(new Date(iso));
/** Time of day alone. */
export const clockText = (iso: string): string => clockTimes.format(new Date(iso));

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `120 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`; a dash where nothing has been measured. */
export function durationText(durationMs: number | null | undefined): string {
  if (durationMs === null || durationMs === undefined) return '–';
  if (durationMs < SECOND_MS) return `${Math.max(0, Math.round(durationMs))} ms`;
  const seconds = Math.round(durationMs / SECOND_MS);
  if (durationMs < MINUTE_MS && seconds < 60) return `${(durationMs / SECOND_MS).toFixed(1)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(durationMs / MINUTE_MS);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whole seconds of what still runs, so that the figure does not flicker. */
export function runningText(fromIso: string, nowMs: number): string {
  const elapsedMs = Math.max(0, nowMs - Date.parse(fromIso));
  return elapsedMs < MINUTE_MS ? `${Math.floor(elapsedMs / SECOND_MS)} s` : durationText(elapsedMs);
}

/** `now`, `40 s`, `3 min`, `5 h`, `2 d`: how long ago, in one unit. */
export function ageText(iso: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(iso);
  if (ageMs < 5 * SECOND_MS) return 'now';
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)} s`;
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min`;
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h`;
  return `${Math.floor(ageMs / DAY_MS)} d`;
}

/** `just now`, `3 min ago`. */
export function agoText(iso: string, nowMs: number): string {
  const age = ageText(iso, nowMs);
  return age === 'now' ? t('time.justNow') : t('time.ago', { age });
}
