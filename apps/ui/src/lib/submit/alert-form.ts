import type { AlertSubmission } from '#lib/api/api';

/** The API accepts this much. */
export const LARGEST_ALERT_BYTES = 1024 ** 2;
export const SEVERITIES = ['critical', 'high', 'warning', 'info', 'low'] as const;

/** What is in the fields of the form; '' is nothing. */
export interface AlertForm {
  readonly data: string;
  readonly alertType: string;
  readonly severity: string;
  readonly runbook: string;
}

export const EMPTY_FORM: AlertForm = { data: '', alertType: '', severity: '', runbook: '' };

export interface FormProblems {
  readonly data?: 'empty' | 'tooLarge';
  readonly runbook?: 'url';
}

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** What stands in the way of sending the form; an empty object when nothing does. */
export function problemsOf({ data, runbook }: AlertForm): FormProblems {
  return {
    ...(data.trim() === '' ? { data: 'empty' } : bytesOf(data) > LARGEST_ALERT_BYTES ? { data: 'tooLarge' } : {}),
    ...(runbook.trim() !== '' && !isWebAddress(runbook.trim()) ? { runbook: 'url' } : {}),
  };
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

/** What is sent: only what was filled in. */
export const submissionOf = ({ data, alertType, severity, runbook }: AlertForm): AlertSubmission => ({
  data,
  ...(alertType ? { alert_type: alertType } : {}),
  ...(severity ? { severity } : {}),
  ...(runbook.trim() ? { runbook: runbook.trim() } : {}),
});
