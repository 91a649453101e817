import type { Severity } from '@tarsy/contracts';

const WORDS: Readonly<Record<Severity, readonly string[]>> = {
  critical: [
    'critical',
    'crit',
    'fatal',
    'emergency',
    'emerg',
    'alert',
    'page',
    'disaster',
    'p0',
    'p1',
    'sev0',
    'sev1',
    '1',
  ],
  high: ['high', 'error', 'err', 'major', 'p2', 'sev2'],
  warning: ['warning', 'warn', 'medium', 'minor', 'moderate', 'p3', 'sev3'],
  info: ['info', 'information', 'informational', 'notice', 'ok', 'none', 'p4', 'sev4'],
  low: ['low', 'debug', 'trivial', 'p5', 'sev5'],
};
const BY_WORD = new Map(
  Object.entries(WORDS).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity])),
);
/** Most urgent first. */
const ORDER: readonly Severity[] = ['critical', 'high', 'warning', 'info', 'low'];

/** A producer's word for urgency, in any case; `warning` where it says nothing known. */
export function severityOf(word: string | undefined): Severity {
  return BY_WORD.get(word?.trim().toLowerCase() ?? '') ?? 'warning';
}

export function mostUrgent(severities: readonly Severity[]): Severity {
  return ORDER.find((severity) => severities.includes(severity)) ?? 'warning';
}
