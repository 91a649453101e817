import {
  TERMINAL_SESSION_STATUSES,
  type JournalEntry,
  type LifecycleEvent,
  type LiveEvent,
  type RunStatus,
  type TimelineStatus,
  type ToolCallCompleted,
} from '@tarsy/contracts';
import type { SessionLogMessage } from '@tarsy/messaging';
import { interactionsOf, timelineEventsOf, type TimelineEvent } from '@tarsy/timeline';
import {
  executionStatusEvent,
  progressEvent,
  questionEvents,
  sessionStatusEvent,
  stageStatusEvent,
} from './lifecycle-events.js';
import { SessionProgress } from './session-progress.js';
import { timelineLiveEvents } from './timeline-live-events.js';

/**
 * Turns the log of one session, read from its start, into what viewers are told. The same log always gives the same
 * events, so an event's place among those of its message identifies it in every process.
 */
export class SessionEvents {
  readonly #progress = new SessionProgress();
  readonly #parents = new Map<string, string>();
  /** Tool calls without a result yet; the result's metadata adds to theirs. */
  readonly #openCalls = new Map<string, TimelineEvent>();
  #ended = false;
  /** The stage that answers a question about the ended session. */
  #answering: string | undefined;

  constructor(readonly sessionId: string) {}

  /** The session has reached a status that it never leaves, and no question about it is being answered. */
  get isOver(): boolean {
    return this.#ended && this.#answering === undefined;
  }

  parentOf(executionId: string): string | undefined {
    return this.#parents.get(executionId);
  }

  of(message: SessionLogMessage): LiveEvent[] {
    switch (message.kind) {
      case 'lifecycle':
        return this.#lifecycle(message.event);
      case 'journal':
        return [...this.#timeline(message.entry), ...this.#interactions(message.entry), ...this.#cutOff(message.entry)];
      case 'tool-result':
        return [...this.#timeline(message.result), ...this.#interactions(message.result)];
      case 'mailbox':
        return [];
    }
  }

  /** Timeline events that the entry itself brings to an end. */
  completedBy(entry: JournalEntry): ReadonlySet<string> {
    return new Set(timelineEventsOf(entry).map(({ id }) => id));
  }

  /** What becomes of an answer whose entry does not hold it; undefined where the model is asked again. */
  fateOf(entry: JournalEntry): TimelineStatus | undefined {
    switch (entry.type) {
      case 'concluded':
        return entry.status;
      case 'turn-failed':
        return 'failed';
      case 'turn':
        return 'completed';
      default:
        return undefined;
    }
  }

  #lifecycle(event: LifecycleEvent): LiveEvent[] {
    this.#progress.apply(event);
    if (event.type === 'session-status-changed') this.#ended ||= TERMINAL_SESSION_STATUSES.includes(event.status);
    if (event.type === 'stage-status-changed' && event.stageType === 'chat') this.#answer(event.stageId, event.status);
    if (event.type === 'execution-status-changed' && event.parentExecutionId !== undefined)
      this.#parents.set(event.executionId, event.parentExecutionId);
    return [
      ...questionEvents(event),
      stageStatusEvent(event),
      executionStatusEvent(event),
      progressEvent(event, this.#progress),
      sessionStatusEvent(event),
    ].filter((each) => each !== undefined);
  }

  /** Only sessions that have ended are asked about; the log of one that ended long ago may not say that it did. */
  #answer(stageId: string, status: RunStatus): void {
    this.#ended = true;
    this.#answering = status === 'active' ? stageId : undefined;
  }

  #timeline(message: JournalEntry | ToolCallCompleted): LiveEvent[] {
    return timelineEventsOf(message).flatMap((step) =>
      timelineLiveEvents(this.#merged(step), this.parentOf(step.executionId)),
    );
  }

  #merged(step: TimelineEvent): TimelineEvent {
    if (step.status === 'streaming') this.#openCalls.set(step.id, step);
    if (!step.isUpdate) return step;
    const opened = this.#openCalls.get(step.id);
    this.#openCalls.delete(step.id);
    return { ...step, metadata: { ...opened?.metadata, ...step.metadata } };
  }

  /** A tool call is told once, when its record is complete. */
  #interactions(message: JournalEntry | ToolCallCompleted): LiveEvent[] {
    const { llm, mcp } = interactionsOf(message);
    const complete = mcp.filter(({ interactionType, isUpdate }) => interactionType === 'tool_list' || isUpdate);
    const event = (interaction: (typeof llm | typeof mcp)[number], type: 'llm' | 'mcp'): LiveEvent => ({
      type: 'interaction.created',
      session_id: this.sessionId,
      timestamp: interaction.createdAt,
      stage_id: interaction.stageId,
      execution_id: interaction.executionId,
      interaction_id: interaction.id,
      interaction_type: type,
    });
    return [...llm.map((each) => event(each, 'llm')), ...complete.map((each) => event(each, 'mcp'))];
  }

  /** An execution that ended leaves no call open. */
  #cutOff(entry: JournalEntry): LiveEvent[] {
    if (entry.type !== 'concluded') return [];
    const open = [...this.#openCalls.values()].filter(({ executionId }) => executionId === entry.executionId);
    return open.flatMap((call) => {
      const end: TimelineEvent = { ...call, status: entry.status, isUpdate: true, updatedAt: entry.at };
      return timelineLiveEvents(this.#merged(end), this.parentOf(call.executionId));
    });
  }
}
