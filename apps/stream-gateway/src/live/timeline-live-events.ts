import type { LiveEvent } from '@tarsy/contracts';
import type { TimelineEvent } from '@tarsy/timeline';

/**
 * How a step of the timeline is told. What a model wrote was announced while it streamed, so it comes as `created` and
 * `completed`, also to those who were not there; anything else is created as it is, and an update completes it.
 */
export function timelineLiveEvents(step: TimelineEvent, parentExecutionId: string | undefined): LiveEvent[] {
  if (step.isUpdate) return [completed(step, parentExecutionId)];
  const wasStreamed = step.eventType === 'llm_thinking' || step.eventType === 'llm_response';
  if (!wasStreamed) return [created(step, parentExecutionId)];
  const announced: TimelineEvent = { ...step, status: 'streaming', content: '', metadata: {} };
  return [created(announced, parentExecutionId), completed(step, parentExecutionId)];
}

function created(step: TimelineEvent, parentExecutionId: string | undefined): LiveEvent {
  return {
    type: 'timeline_event.created',
    session_id: step.sessionId,
    timestamp: step.createdAt,
    event_id: step.id,
    stage_id: step.stageId,
    execution_id: step.executionId,
    ...(parentExecutionId === undefined ? {} : { parent_execution_id: parentExecutionId }),
    event_type: step.eventType,
    status: step.status,
    content: step.content,
    ...metadataOf(step),
    sequence_number: step.sequenceNumber,
  };
}

function completed(step: TimelineEvent, parentExecutionId: string | undefined): LiveEvent {
  return {
    type: 'timeline_event.completed',
    session_id: step.sessionId,
    timestamp: step.updatedAt,
    event_id: step.id,
    ...(parentExecutionId === undefined ? {} : { parent_execution_id: parentExecutionId }),
    event_type: step.eventType,
    content: step.content,
    status: step.status,
    ...metadataOf(step),
  };
}

const metadataOf = ({ metadata }: TimelineEvent): { metadata?: Record<string, unknown> } =>
  Object.keys(metadata).length > 0 ? { metadata: { ...metadata } } : {};
