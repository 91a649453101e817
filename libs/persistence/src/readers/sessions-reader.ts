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
} from '@tarsy/contracts';
import type { DataSource } from 'typeorm';
import { findSession, findStatus, findSummary } from './session-detail.js';
import { activeSessions, filterOptions, listSessions, type SessionListFilter } from './session-list.js';
import { findLlmInteraction, findMcpInteraction, timelineOf, traceOf } from './timeline-and-trace.js';

/** Stored sessions as the API shows them. Reads only; deleted sessions do not exist here. */
export class SessionsReader {
  constructor(private readonly dataSource: DataSource) {}

  list(filter: SessionListFilter): Promise<SessionList> {
    return listSessions(this.dataSource, filter);
  }

  active(): Promise<ActiveSessions> {
    return activeSessions(this.dataSource);
  }

  filterOptions(): Promise<FilterOptions> {
    return filterOptions(this.dataSource);
  }

  find(id: string): Promise<SessionDetail | undefined> {
    return findSession(this.dataSource, id);
  }

  status(id: string): Promise<SessionStatusView | undefined> {
    return findStatus(this.dataSource, id);
  }

  summary(id: string): Promise<SessionSummary | undefined> {
    return findSummary(this.dataSource, id);
  }

  timeline(sessionId: string): Promise<TimelineEventView[]> {
    return timelineOf(this.dataSource, sessionId);
  }

  trace(sessionId: string): Promise<SessionTrace> {
    return traceOf(this.dataSource, sessionId);
  }

  llmInteraction(sessionId: string, id: string): Promise<LlmInteractionDetail | undefined> {
    return findLlmInteraction(this.dataSource, sessionId, id);
  }

  mcpInteraction(sessionId: string, id: string): Promise<McpInteractionDetail | undefined> {
    return findMcpInteraction(this.dataSource, sessionId, id);
  }
}
