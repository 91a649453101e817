import type { LifecycleEvent, LiveEvent } from '@tarsy/contracts';
import { questionEventOf } from '@tarsy/timeline';
import type { SessionProgress } from './session-progress.js';
import { timelineLiveEvents } from './timeline-live-events.js';

const baseOf = (event: LifecycleEvent): { session_id: string; timestamp: string } => ({
  session_id: event.sessionId,
  timestamp: event.at,
});

/** People are told when a session starts, pauses, queues to go on and ends; `cancelling` is visible over REST. */
export function sessionStatusEvent(event: LifecycleEvent): LiveEvent | undefined {
  if (event.type !== 'session-status-changed') return undefined;
  if (event.status === 'cancelling') return undefined;
  return { type: 'session.status', ...baseOf(event), status: event.status };
}

export function stageStatusEvent(event: LifecycleEvent): LiveEvent | undefined {
  if (event.type !== 'stage-status-changed' || event.status === 'pending') return undefined;
  return {
    type: 'stage.status',
    ...baseOf(event),
    stage_id: event.stageId,
    stage_name: event.stageName,
    stage_index: event.stageIndex,
    stage_type: event.stageType,
    ...(event.referencedStageId === undefined ? {} : { referenced_stage_id: event.referencedStageId }),
    status: event.status === 'active' ? 'started' : event.status,
  };
}

export function executionStatusEvent(event: LifecycleEvent): LiveEvent | undefined {
  if (event.type !== 'execution-status-changed' || event.status === 'pending') return undefined;
  return {
    type: 'execution.status',
    ...baseOf(event),
    stage_id: event.stageId,
    execution_id: event.executionId,
    ...(event.parentExecutionId === undefined ? {} : { parent_execution_id: event.parentExecutionId }),
    agent_index: event.agentIndex,
    status: event.status,
    ...(event.errorMessage === undefined ? {} : { error_message: event.errorMessage }),
  };
}

export function questionEvents(event: LifecycleEvent): LiveEvent[] {
  if (event.type !== 'question-asked') return [];
  const created: LiveEvent = {
    type: 'chat.created',
    ...baseOf(event),
    chat_id: event.chatId,
    created_by: event.author,
  };
  return [...(event.isFirst ? [created] : []), ...timelineLiveEvents(questionEventOf(event), undefined)];
}

/**
 * Answers to questions are no progress of the session.
 *
 * @param progress With `event` applied.
 */
export function progressEvent(event: LifecycleEvent, progress: SessionProgress): LiveEvent | undefined {
  if (event.type !== 'stage-status-changed' && event.type !== 'execution-status-changed') return undefined;
  const { stage, activeExecutions } = progress;
  if (stage?.stageId !== event.stageId) return undefined;
  return {
    type: 'session.progress',
    ...baseOf(event),
    current_stage_name: stage.stageName,
    current_stage_index: stage.stageIndex,
    total_stages: Math.max(stage.totalStages, stage.stageIndex),
    active_executions: activeExecutions,
    status_text: `Stage ${stage.stageIndex} of ${Math.max(stage.totalStages, stage.stageIndex)}: ${stage.stageName}`,
  };
}
