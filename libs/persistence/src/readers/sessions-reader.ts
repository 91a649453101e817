import type {
  ActiveSessions,
  FilterOptions,
  LlmInteractionDetail,
  McpInteractionDetail,
  SessionDetail,
  SessionList,
  SessionStatusView,
  SessionSummary,
  SessionTrace,
  TimelineEventView,
  UsageSummary,
} from '@tarsy/contracts';
import type { DataSource } from 'typeorm';
import { findSession, findStatus, findSummary } from './session-detail.js';
import { activeSessions, filterOptions, listSessions, type SessionListFilter } from './session-list.js';
import { summarizeUsage, type UsageFilter } from './usage-summary.js';
import { findLlmInteraction, findMcpInteraction, timelineOf, traceOf } from './timeline-and-trace.js';

/** Stored sessions as the API shows them. Reads only; deleted sessions do not exist here. */
export class SessionsReader {
  /** @param estimatesCost Costs are shown. Default false. */
  constructor(
    private readonly dataSource: DataSource,
    readonly estimatesCost = false,
  ) {}

  list(filter: SessionListFilter): Promise<SessionList> {
    return listSessions(this.dataSource, filter, this.estimatesCost);
  }

  active(): Promise<ActiveSessions> {
    return activeSessions(this.dataSource);
  }

  filterOptions(): Promise<FilterOptions> {
    return filterOptions(this.dataSource);
  }

  find(id: string): Promise<SessionDetail | undefined> {
    return findSession(this.dataSource, id, this.estimatesCost);
  }

  status(id: string): Promise<SessionStatusView | undefined> {
    return findStatus(this.dataSource, id);
  }

  summary(id: string): Promise<SessionSummary | undefined> {
    return findSummary(this.dataSource, id, this.estimatesCost);
  }

  usage(filter: UsageFilter): Promise<UsageSummary> {
    return summarizeUsage(this.dataSource, filter, this.estimatesCost);
  }

  async timeline(sessionId: string): Promise<TimelineEventView[]> {
    return (await this.#isDeleted(sessionId)) ? [] : await timelineOf(this.dataSource, sessionId);
  }

  async trace(sessionId: string): Promise<SessionTrace> {
    if (await this.#isDeleted(sessionId)) return { stages: [], session_interactions: [] };
    return await traceOf(this.dataSource, sessionId);
  }

  async llmInteraction(sessionId: string, id: string): Promise<LlmInteractionDetail | undefined> {
    return (await this.#isDeleted(sessionId)) ? undefined : await findLlmInteraction(this.dataSource, sessionId, id);
  }

  async mcpInteraction(sessionId: string, id: string): Promise<McpInteractionDetail | undefined> {
    return (await this.#isDeleted(sessionId)) ? undefined : await findMcpInteraction(this.dataSource, sessionId, id);
  }

  /** Not whether it exists: the recorder may know a session before the state machine does. */
  async #isDeleted(id: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      'SELECT 1 FROM alert_sessions WHERE id = $1 AND deleted_at IS NOT NULL',
      [id],
    );
    return rows.length > 0;
  }
}
