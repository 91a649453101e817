import type { JournalEntry, JournalEntryOf, ModelReference, TaskScheduled } from '@tarsy/contracts';
import type { ExecutionJournal } from '@tarsy/messaging';
import { conversationOf } from './conversation.js';
import type { RunView } from './step-of-run.js';
import { modelInUse } from './model-fallback.js';
import { replay, type ExecutionState } from './execution-state.js';
import type { ConversationMessage } from '@tarsy/llm';

/** An entry without what is the same for all of an execution. */
export type NewEntry = JournalEntry extends infer Entry
  ? Entry extends JournalEntry
    ? Omit<Entry, 'sessionId' | 'stageId' | 'executionId' | 'entry' | 'at'>
    : never
  : never;

/** One execution in the hands of this worker: its task, its journal, and the signal that ends the work. */
export class ExecutionRun {
  #state: { readonly entries: number; readonly results: number; readonly state: ExecutionState } | undefined;

  constructor(
    readonly task: TaskScheduled,
    readonly journal: ExecutionJournal,
    readonly signal: AbortSignal,
  ) {}

  /** Read from the journal's beginning whenever that has grown, and only then. */
  get state(): ExecutionState {
    const { entries, toolResults } = this.journal;
    if (this.#state?.entries !== entries.length || this.#state.results !== toolResults.size)
      this.#state = { entries: entries.length, results: toolResults.size, state: replay(entries, toolResults) };
    return this.#state.state;
  }

  get view(): RunView {
    const { task, journal } = this;
    const { entries, toolResults: results } = journal;
    const { toolServers } = task;
    const { state, model } = this;
    return { task, state, mailbox: journal.mailbox, summaries: { entries, results, toolServers, model } };
  }

  /** The model in use: the task's own, or the one that took its place. */
  get model(): ModelReference {
    return modelInUse(this.task, this.state);
  }

  get conversation(): ConversationMessage[] {
    return conversationOf(this.journal.entries, this.journal.toolResults);
  }

  /** Journal position that the next entry takes. */
  get nextEntry(): number {
    return this.journal.entries.length + 1;
  }

  /** @throws {ExecutionLostError} another worker has the execution */
  async append<Entry extends NewEntry>(entry: Entry): Promise<JournalEntryOf<Entry['type']>> {
    const appended = await this.journal.append({ ...entry, stageId: this.task.stageId });
    return appended as JournalEntryOf<Entry['type']>;
  }
}
