import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { subjectFilters, TERMINAL_SESSION_STATUSES, type LifecycleEvent } from '@tarsy/contracts';
import { ConsumerHost, parseSessionLogMessage, type RawDelivery } from '@tarsy/messaging';
import { Tracing, type FinishedSpan } from '@tarsy/observability';
import { AgentExecution, AlertSession, Stage } from '@tarsy/persistence';
import { DataSource, In } from 'typeorm';
import { spanOfExecution, spanOfSession, spanOfStage, type PlaceOf } from './spans.js';

/** Collectors refuse what is older; and traces may be switched on long after the consumer was made. */
const OLDEST_MS = 24 * 60 * 60_000;
const TERMINAL: ReadonlySet<string> = new Set(TERMINAL_SESSION_STATUSES);

/**
 * Exports the spans of sessions, stages and executions when they have ended, from the session log and the stored rows: none is lost with
 * the process that began it. All replicas share one durable consumer, which is only there where traces are exported.
 */
@Injectable()
export class TracesService implements OnApplicationBootstrap {
  constructor(
    private readonly host: ConsumerHost,
    private readonly tracing: Tracing,
    private readonly dataSource: DataSource,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.tracing.isRecording) return;
    await this.host.consumeBatches(
      'SESSIONS',
      { durable: 'traces', deliver: 'new', filterSubjects: [subjectFilters.lifecycles], maxBatch: 200, maxWaitMs: 500 },
      (batch) => this.export(batch),
    );
  }

  /** Acknowledged once the collector has had its chance: a crash before that exports the same spans, with the same ids, again. */
  async export(batch: readonly Pick<RawDelivery, 'subject' | 'data' | 'publishedAt'>[]): Promise<void> {
    const oldest = Date.now() - OLDEST_MS;
    const events = batch.filter(({ publishedAt }) => publishedAt.getTime() >= oldest).flatMap(eventOf);
    for (const span of await this.#spansOf(events)) this.tracing.record(span);
    await this.tracing.flush();
  }

  async #spansOf(events: readonly LifecycleEvent[]): Promise<FinishedSpan[]> {
    const ended = { sessions: new Set<string>(), stages: new Set<string>(), executions: new Set<string>() };
    for (const event of events) {
      if (!('status' in event) || !TERMINAL.has(event.status)) continue;
      if (event.type === 'session-status-changed') ended.sessions.add(event.sessionId);
      else if (event.type === 'stage-status-changed') ended.stages.add(event.stageId);
      else ended.executions.add(event.executionId);
    }
    const { manager } = this.dataSource;
    const place: PlaceOf = (sessionId, subject) => this.tracing.contextOf(sessionId, subject);
    const [sessions, stages, executions] = await Promise.all([
      manager.findBy(AlertSession, { id: In([...ended.sessions]) }),
      manager.findBy(Stage, { id: In([...ended.stages]) }),
      manager.findBy(AgentExecution, { id: In([...ended.executions]) }),
    ]);
    return [
      ...executions.map((execution) => spanOfExecution(execution, place)),
      ...stages.map((stage) => spanOfStage(stage, place)),
      ...sessions.map((session) => spanOfSession(session, place)),
    ].filter((span) => span !== undefined);
  }
}

function eventOf({ subject, data }: Pick<RawDelivery, 'subject' | 'data'>): LifecycleEvent[] {
  const message = parseSessionLogMessage(subject, data);
  return message.kind === 'lifecycle' ? [message.event] : [];
}
