import type { JournalEntry, MailboxMessage, ToolCallCompleted } from '@tarsy/contracts';

/** A journal entry without what the journal itself fills in. */
export type NewJournalEntry = JournalEntry extends infer Entry
  ? Entry extends JournalEntry
    ? Omit<Entry, 'sessionId' | 'executionId' | 'entry' | 'at'>
    : never
  : never;

export class ExecutionJournal {
  readonly entries!: readonly JournalEntry[];
  readonly toolResults!: ReadonlyMap<string, ToolCallCompleted>;
  readonly mailbox!: readonly MailboxMessage[];

  append(_entry: NewJournalEntry): Promise<JournalEntry> {
    throw new Error('not implemented yet');
  }

  waitForToolResult(_callId: string, _signal: AbortSignal): Promise<ToolCallCompleted> {
    throw new Error('not implemented yet');
  }

  onMailbox(_listener: (message: MailboxMessage) => void): () => void {
    throw new Error('not implemented yet');
  }

  close(): void {}
}
