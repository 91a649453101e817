import type { PromptContext } from './prompt-context.js';

type Holidays = NonNullable<PromptContext['task']['holidays']>;

/** What time it is, and how many people are likely to be around. */
export function contextSection({ now, task }: PromptContext): string {
  const day = calendarClass(now, task.holidays ?? []);
  return [
    '## Context',
    `Current time: ${now.toISOString().replace(/\.\d{3}Z$/, 'Z')}`,
    `Calendar: ${day}`,
    `Staffing: ${day === 'WEEKDAY' ? 'normal' : 'reduced'}`,
  ].join('\n');
}

/** A holiday wins over the day of the week; its date is month and day, UTC. */
export function calendarClass(now: Date, holidays: Holidays): string {
  const today = now.toISOString().slice(5, 10);
  const holiday = holidays.find(({ date }) => date === today);
  if (holiday !== undefined) return `GLOBAL_HOLIDAY (${holiday.name})`;
  return [0, 6].includes(now.getUTCDay()) ? 'WEEKEND' : 'WEEKDAY';
}
