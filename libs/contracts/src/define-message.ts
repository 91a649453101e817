import type { z } from 'zod';
import type { StreamName } from './streams.js';

/** One kind of message: where it goes, what identifies it, what it looks like. Publishers and consumers share this one object. */
export interface MessageDefinition<Schema extends z.ZodType = z.ZodType> {
  /** Name used in logs, metrics and trace spans; equals the exported constant. */
  readonly name: string;
  readonly stream: StreamName;
  readonly subject: (payload: z.output<Schema>) => string;
  /** Derived from what caused the message, so that doing the work twice publishes the same id twice (`Nats-Msg-Id`). */
  readonly messageId: (payload: z.output<Schema>) => string;
  readonly schema: Schema;
  /**
   * Subject outside every stream on which the message is repeated once it is stored, for whoever waits for just this one. May be lost,
   * and has no body when that is too large to travel: what counts is what the stream holds.
   */
  readonly notice?: (payload: z.output<Schema>) => string;
}

export function defineMessage<Schema extends z.ZodType>(
  definition: MessageDefinition<Schema>,
): MessageDefinition<Schema> {
  return Object.freeze(definition);
}

/** The payload type of a message definition. */
export type PayloadOf<Definition> = Definition extends MessageDefinition<infer Schema> ? z.output<Schema> : never;
