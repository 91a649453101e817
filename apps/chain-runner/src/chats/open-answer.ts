import type { StoredStage } from '../stages/stage-records.js';

/** The answer that is being written; a session has one at a time. */
export function openAnswerOf(stages: readonly StoredStage[]): StoredStage | undefined {
  return stages.find(({ stageType, status }) => stageType === 'chat' && status === 'active');
}
