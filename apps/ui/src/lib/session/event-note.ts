import { t, type TextKey } from '#lib/i18n/text';
import type { TimelineItem } from '#lib/live/timeline';

/** What has to be known about an event beside its text: who wrote it, or why it came early. Undefined for most. */
export function noteOf({ type, metadata }: TimelineItem): string | undefined {
  if (type === 'guidance_received' || type === 'user_question')
    return typeof metadata['author'] === 'string' ? t('note.author', { author: metadata['author'] }) : undefined;
  return type === 'final_analysis' && metadata['forced_conclusion'] === true ? forcedNote(metadata) : undefined;
}

const BUDGETS: ReadonlySet<unknown> = new Set(['cost', 'tokens', 'tool_calls', 'wall_time']);

function forcedNote(metadata: TimelineItem['metadata']): string {
  const { budget_used_up: part, max_iterations: limit } = metadata;
  if (BUDGETS.has(part)) return t(`note.forced.${String(part)}` as TextKey);
  return typeof limit === 'number' ? t('note.forced', { count: limit }) : t('note.forcedUnknown');
}
