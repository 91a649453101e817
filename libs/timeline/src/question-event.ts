import type { LifecycleEvent } from '@tarsy/contracts';
import { questionEventId } from './identity.js';
import type { TimelineEvent } from './projection.types.js';

export type AskedQuestion = Pick<
  Extract<LifecycleEvent, { type: 'question-asked' }>,
  'sessionId' | 'stageId' | 'executionId' | 'author' | 'content' | 'at'
>;

/** A question on the timeline, in front of everything that the execution does which answers it. */
export function questionEventOf({
  sessionId,
  stageId,
  executionId,
  author,
  content,
  at,
}: AskedQuestion): TimelineEvent {
  return {
    id: questionEventId(executionId),
    sessionId,
    stageId,
    executionId,
    sequenceNumber: 1,
    eventType: 'user_question',
    status: 'completed',
    content,
    metadata: { author },
    isUpdate: false,
    createdAt: at,
    updatedAt: at,
  };
}
