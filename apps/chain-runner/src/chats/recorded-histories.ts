import { Injectable } from '@nestjs/common';
import { TimelineEventRow } from '@tarsy/persistence';
import { In } from 'typeorm';
import type { SessionChange } from '../sessions/session-change.js';
import type { StoredStage } from '../stages/stage-records.js';
import { isInvestigation } from './chat-context.js';
import { recordedHistoryOf } from './recorded-history.js';

/** Up to this age of a session workers read its journals; later these may be gone, and the recorder has long had all of them. */
const JOURNALS_ARE_THERE_MS = 60 * 60_000;

/** What executions did, from PostgreSQL. */
@Injectable()
export class RecordedHistories {
  /** By execution; empty where the session's journals still tell. */
  async of({ session, manager, clock }: SessionChange, stages: readonly StoredStage[]): Promise<Map<string, string>> {
    const endedAtMs = session.completedAt?.getTime() ?? Infinity;
    if (clock.nowMs() - endedAtMs < JOURNALS_ARE_THERE_MS) return new Map();
    const executionIds = stages.filter(isInvestigation).flatMap(({ executions }) => executions.map(({ id }) => id));
    const rows = await manager.find(TimelineEventRow, {
      where: { sessionId: session.id, executionId: In(executionIds) },
      order: { sequenceNumber: 'ASC', createdAt: 'ASC', id: 'ASC' },
    });
    return new Map(executionIds.map((id) => [id, recordedHistoryOf(rows.filter(({ executionId }) => executionId === id))])); // prettier-ignore
  }
}
