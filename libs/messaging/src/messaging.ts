import type { Logger } from '@tarsy/observability';
import type { z } from 'zod';
import type { MessagingOptions } from './messaging-options.js';

/** The process's connection to NATS. */
export class Messaging {
  readonly namespace!: string;
  static connect(_options: MessagingOptions, _logger: Logger): Promise<Messaging> {
    throw new Error('not implemented yet');
  }
  ensureTopology(): Promise<void> {
    throw new Error('not implemented yet');
  }
  isConnected(): boolean {
    throw new Error('not implemented yet');
  }
  onReconnect(_listener: () => void): () => void {
    throw new Error('not implemented yet');
  }
  close(): Promise<void> {
    throw new Error('not implemented yet');
  }
  newReplySubject(): string {
    throw new Error('not implemented yet');
  }
  awaitReply<Schema extends z.ZodType>(
    _replySubject: string,
    _schema: Schema,
    _timeoutMs: number,
  ): Promise<z.output<Schema> | undefined> {
    throw new Error('not implemented yet');
  }
  reply(_replyTo: string, _answer: unknown): void {
    throw new Error('not implemented yet');
  }
}
