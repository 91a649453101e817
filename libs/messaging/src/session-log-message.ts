import {
  journalEntrySchema,
  lifecycleEventSchema,
  mailboxMessageSchema,
  toolCallCompleted,
  type JournalEntry,
  type LifecycleEvent,
  type MailboxMessage,
  type ToolCallCompleted,
} from '@tarsy/contracts';
import type { z } from 'zod';
import { parseBody } from './body.js';
import { InvalidMessageError } from './messaging.errors.js';

/** What one message of a session's log says, by the subject it came on. */
export type SessionLogContent =
  | { kind: 'lifecycle'; event: LifecycleEvent }
  | { kind: 'journal'; entry: JournalEntry }
  | { kind: 'tool-result'; result: ToolCallCompleted }
  | { kind: 'mailbox'; message: MailboxMessage };

/** `sequence` is the position in the stream: it grows along a session's log, with gaps. */
export type SessionLogMessage = { sequence: number; publishedAt: Date } & SessionLogContent;

/**
 * @param subject Unqualified, as in `subjects`.
 * @param data Whole body.
 * @throws {InvalidMessageError} not a subject of the session log, or not the shape that belongs to it
 */
export function parseSessionLogMessage(subject: string, data: Uint8Array): SessionLogContent {
  const parse = <Schema extends z.ZodType>(schema: Schema): z.output<Schema> => parseBody(subject, schema, data);
  switch (subject.split('.')[3]) {
    case 'lifecycle':
      return { kind: 'lifecycle', event: parse(lifecycleEventSchema) };
    case 'journal':
      return { kind: 'journal', entry: parse(journalEntrySchema) };
    case 'tools':
      return { kind: 'tool-result', result: parse(toolCallCompleted.schema) as ToolCallCompleted };
    case 'mailbox':
      return { kind: 'mailbox', message: parse(mailboxMessageSchema) };
    default:
      throw new InvalidMessageError(`${subject} is not part of a session log`);
  }
}
