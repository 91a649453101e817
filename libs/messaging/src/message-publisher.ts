import type { MessageDefinition } from '@tarsy/contracts';
import { Metrics } from '@tarsy/observability';
import type { z } from 'zod';
import { Messaging } from './messaging.js';

export interface PublishResult {
  readonly sequence: number;
  readonly duplicate: boolean;
}

export class MessagePublisher {
  constructor(_messaging: Messaging, _metrics: Metrics = new Metrics()) {}

  publish<Schema extends z.ZodType>(
    _definition: MessageDefinition<Schema>,
    _payload: z.output<Schema>,
  ): Promise<PublishResult> {
    throw new Error('not implemented yet');
  }

  publishAt<Schema extends z.ZodType>(
    _definition: MessageDefinition<Schema>,
    _payload: z.output<Schema>,
    _at: Date,
    _scheduleId: string,
  ): Promise<void> {
    throw new Error('not implemented yet');
  }

  publishOnce<Schema extends z.ZodType>(
    _definition: MessageDefinition<Schema>,
    _payload: z.output<Schema>,
  ): Promise<boolean> {
    throw new Error('not implemented yet');
  }
}
