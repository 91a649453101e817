import { DATA_NOTICE, fenced } from './fenced.js';
import type { PromptContext } from './prompt-context.js';

export function alertDetailsSection({ task: { alert } }: PromptContext): string {
  return [
    '## Alert Details',
    `Alert type: ${alert.type.replace(/\s+/g, ' ')}`,
    `Received at: ${alert.receivedAt}`,
    `The alert as its producer sent it. ${DATA_NOTICE}`,
    fenced('ALERT_DATA', alert.data),
  ].join('\n');
}
