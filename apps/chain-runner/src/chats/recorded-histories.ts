import { Injectable } from '@nestjs/common';
import type { SessionChange } from '../sessions/session-change.js';
import type { StoredStage } from '../stages/stage-records.js';
import { isInvestigation } from './chat-context.js';
import { LONGEST_STEP, recordedHistoryOf, type RecordedStep } from './recorded-history.js';

/** Up to this age of a session workers read its journals; later these may be gone, and the recorder has long had all of them. */
const JOURNALS_ARE_THERE_MS = 60 * 60_000;
/** Longest histories of one session together, in characters, so that its task stays of a size that travels well. */
const LONGEST_TOGETHER = 2_000_000;

/** What executions did, from PostgreSQL. */
@Injectable()
export class RecordedHistories {
  /** By execution; empty where the session's journals still tell. */
  async of({ session, manager, clock }: SessionChange, stages: readonly StoredStage[]): Promise<Map<string, string>> {
    const endedAtMs = session.completedAt?.getTime() ?? Infinity;
    if (clock.nowMs() - endedAtMs < JOURNALS_ARE_THERE_MS) return new Map();
    const executionIds = stages.filter(isInvestigation).flatMap(({ executions }) => executions.map(({ id }) => id));
    // One character more than is shown tells that there is more.
    const steps = await manager.query<(RecordedStep & { executionId: string })[]>(
      `SELECT execution_id AS "executionId", event_type AS "eventType", left(content, $2) AS content, metadata
       FROM timeline_events WHERE session_id = $1 AND execution_id = ANY($3) ORDER BY sequence_number, created_at, id`,
      [session.id, LONGEST_STEP + 1, executionIds],
    );
    const ofExecution = Map.groupBy(steps, ({ executionId }) => executionId);
    const longest = Math.floor(LONGEST_TOGETHER / Math.max(1, executionIds.length));
    return new Map(executionIds.map((id) => [id, recordedHistoryOf(ofExecution.get(id) ?? [], longest)]));
  }
}
