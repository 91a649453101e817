import {
  executionMailbox,
  journalEntrySchema,
  subjects,
  type JournalEntry,
  type MailboxMessage,
  type ToolCallCompleted,
} from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import { randomUUID } from 'node:crypto';
import { checkBody, encodeBody, parseBody } from './body.js';
import { ExecutionLostError } from './messaging.errors.js';
import type { Messaging } from './messaging.js';
import { parseSessionLogMessage } from './session-log-message.js';
import { readStored, type StoredMessage } from './stream-reader.js';
import { store, WrongLastSequence } from './stream-writer.js';
import { SubjectWatch } from './subject-watch.js';
import { ToolResultWatch } from './tool-result-watch.js';

/** A journal entry without what the journal itself fills in. */
export type NewJournalEntry = JournalEntry extends infer Entry
  ? Entry extends JournalEntry
    ? Omit<Entry, 'sessionId' | 'executionId' | 'entry' | 'at'>
    : never
  : never;

/** One execution's journal, tool results and mailbox: first what is stored, then what comes. */
export class ExecutionJournal {
  readonly #entries: JournalEntry[] = [];
  readonly #toolResults = new Map<string, ToolCallCompleted>();
  readonly #mailbox: MailboxMessage[] = [];
  readonly #mailboxListeners = new Set<(message: MailboxMessage) => void>();
  /** Tells this instance's appends from those of every other, so that nobody takes another's entry for their own. */
  readonly #writer = randomUUID();
  #appends = 0;
  #lastSequence = 0;
  #lastMailboxSequence = 0;
  #isLost = false;
  #tail: Promise<unknown> = Promise.resolve();
  #stopMailbox: (() => void) | undefined;
  readonly #results: ToolResultWatch;
  readonly #closed = new AbortController();

  private constructor(
    private readonly messaging: Messaging,
    private readonly clock: Clock,
    private readonly sessionId: string,
    private readonly executionId: string,
  ) {
    // Listens before the log is read, so that no result falls between the two.
    this.#results = new ToolResultWatch(messaging, sessionId, executionId);
  }

  /** @internal Use {@link JournalStore.open}. */
  static async open(
    messaging: Messaging,
    clock: Clock,
    sessionId: string,
    executionId: string,
  ): Promise<ExecutionJournal> {
    const journal = new ExecutionJournal(messaging, clock, sessionId, executionId);
    try {
      await journal.#replay();
    } catch (error) {
      journal.close();
      throw error;
    }
    journal.#listenToMailbox();
    return journal;
  }

  /** In order; grows with {@link append}. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** By call id; grows with {@link waitForToolResult}. */
  get toolResults(): ReadonlyMap<string, ToolCallCompleted> {
    return this.#toolResults;
  }

  /** In order; grows as messages come. */
  get mailbox(): readonly MailboxMessage[] {
    return this.#mailbox;
  }

  /**
   * Stores the next entry. Calls are done one after another.
   * @throws {ExecutionLostError} another worker appended since this journal was opened: stop at once, publish nothing more
   * @throws {MessagingUnavailableError} NATS is away; the entry may have been stored, so the journal must be opened again
   */
  append(entry: NewJournalEntry): Promise<JournalEntry> {
    const appended = this.#tail.then(() => this.#append(entry));
    this.#tail = appended.catch(() => undefined);
    return appended;
  }

  /**
   * The result of a tool call, which may be stored already.
   * @throws the signal's reason
   */
  async waitForToolResult(callId: string, signal: AbortSignal): Promise<ToolCallCompleted> {
    const known = this.#toolResults.get(callId);
    if (known !== undefined) return known;
    const result = await this.#results.wait(callId, AbortSignal.any([signal, this.#closed.signal]));
    this.#toolResults.set(callId, result);
    return result;
  }

  /** Calls `listener` for the stored messages first, then for new ones. Returns how to stop. */
  onMailbox(listener: (message: MailboxMessage) => void): () => void {
    for (const message of this.#mailbox) listener(message);
    this.#mailboxListeners.add(listener);
    return () => this.#mailboxListeners.delete(listener);
  }

  /** Stops listening; waits in progress reject. Appends still work. */
  close(): void {
    this.#closed.abort(new Error(`the journal of execution ${this.executionId} was closed`));
    this.#mailboxListeners.clear();
    this.#stopMailbox?.();
    this.#results.close();
  }

  async #replay(): Promise<void> {
    const read = (filterSubject: string): Promise<StoredMessage[]> =>
      readStored(this.messaging, 'SESSIONS', filterSubject);
    const stored = await Promise.all([
      read(subjects.journal(this.sessionId, this.executionId)),
      read(subjects.toolResults(this.sessionId, this.executionId)),
      read(subjects.mailbox(this.sessionId, this.executionId)),
    ]);
    for (const { subject, sequence, data } of stored.flat()) {
      const message = parseSessionLogMessage(subject, data);
      if (message.kind === 'journal') {
        this.#entries.push(message.entry);
        this.#lastSequence = sequence;
      } else if (message.kind === 'tool-result') {
        this.#toolResults.set(message.result.callId, message.result);
      } else if (message.kind === 'mailbox') {
        this.#mailbox.push(message.message);
        this.#lastMailboxSequence = sequence;
      }
    }
  }

  async #append(entry: NewJournalEntry): Promise<JournalEntry> {
    if (this.#isLost) throw this.#lost();
    const name = `journal of execution ${this.executionId}`;
    const complete = checkBody(name, journalEntrySchema, {
      ...entry,
      sessionId: this.sessionId,
      executionId: this.executionId,
      entry: this.#entries.length + 1,
      at: this.clock.nowIso(),
    });
    const messageId = `${this.executionId}:journal:${complete.entry}:${this.#writer}-${++this.#appends}`;
    this.#lastSequence = await this.#store(messageId, encodeBody(complete));
    this.#entries.push(complete);
    return complete;
  }

  async #store(messageId: string, body: Uint8Array): Promise<number> {
    const subject = this.messaging.names.qualify(subjects.journal(this.sessionId, this.executionId));
    try {
      const expectedLastSubjectSequence = this.#lastSequence;
      return (await store(this.messaging, { subject, body, messageId, expectedLastSubjectSequence })).seq;
    } catch (error) {
      if (!(error instanceof WrongLastSequence)) throw error;
    }
    // Refused: either an earlier try of this very append was stored and its answer got lost, or somebody else wrote.
    const last = await this.messaging.manager.streams.getMessage(this.#stream, { last_by_subj: subject });
    if (last?.header.get('Nats-Msg-Id') === messageId) return last.seq;
    this.#isLost = true;
    throw this.#lost();
  }

  #listenToMailbox(): void {
    const watch = new SubjectWatch(this.messaging, subjects.mailbox(this.sessionId, this.executionId), {
      everyMs: 5_000,
      look: () => this.#readMailbox(),
    });
    this.#stopMailbox = () => watch.stop();
  }

  /** Reads on from the last message seen; true when there was something. */
  async #readMailbox(): Promise<boolean> {
    const subject = subjects.mailbox(this.sessionId, this.executionId);
    const next_by_subj = this.messaging.names.qualify(subject);
    for (let count = 0; ; count++) {
      const query = { seq: this.#lastMailboxSequence + 1, next_by_subj };
      const stored = await this.messaging.manager.direct.getMessage(this.#stream, query);
      if (stored === null) return count > 0;
      this.#lastMailboxSequence = stored.seq;
      const body = await this.messaging.payloads.resolve(stored.data, stored.header);
      this.#deliver(parseBody(subject, executionMailbox.schema, body) as MailboxMessage);
    }
  }

  #deliver(message: MailboxMessage): void {
    this.#mailbox.push(message);
    for (const listener of this.#mailboxListeners) {
      try {
        listener(message);
      } catch (error) {
        this.messaging.logger.error(
          { executionId: this.executionId, error: messageOf(error) },
          'messaging.listener-failed',
        );
      }
    }
  }

  get #stream(): string {
    return this.messaging.names.stream('SESSIONS');
  }

  #lost(): ExecutionLostError {
    return new ExecutionLostError(`execution ${this.executionId} went to another worker`);
  }
}
