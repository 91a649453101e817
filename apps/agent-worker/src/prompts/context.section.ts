import type { PromptContext } from './prompt-context.js';

/** Days on which almost nobody is at work anywhere; month and day, UTC. */
const GLOBAL_HOLIDAYS: Readonly<Record<string, string>> = {
  '01-01': "New Year's Day",
  '05-01': "International Workers' Day",
  '12-25': 'Christmas Day',
};

/** What time it is, and how many people are likely to be around. */
export function contextSection({ now }: PromptContext): string {
  const day = calendarClass(now);
  return [
    '## Context',
    `Current time: ${now.toISOString().replace(/\.\d{3}Z$/, 'Z')}`,
    `Calendar: ${day}`,
    `Staffing: ${day === 'WEEKDAY' ? 'normal' : 'reduced'}`,
  ].join('\n');
}

export function calendarClass(now: Date): string {
  const holiday = GLOBAL_HOLIDAYS[now.toISOString().slice(5, 10)];
  if (holiday !== undefined) return `GLOBAL_HOLIDAY (${holiday})`;
  return [0, 6].includes(now.getUTCDay()) ? 'WEEKEND' : 'WEEKDAY';
}
