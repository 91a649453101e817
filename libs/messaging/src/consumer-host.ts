import type { MessageDefinition, StreamName } from '@tarsy/contracts';
import type { z } from 'zod';
import type { BatchConsumeOptions, ConsumeOptions } from './consume.js';
import type { Delivery, RawDelivery } from './delivery.js';

export interface RunningConsumer {
  /** Stops pulling and resolves when every running handler has settled. */
  stop(): Promise<void>;
}

export class ConsumerHost {
  consume<Schema extends z.ZodType>(
    _definition: MessageDefinition<Schema>,
    _options: ConsumeOptions,
    _handler: (payload: z.output<Schema>, delivery: Delivery) => Promise<void>,
  ): Promise<RunningConsumer> {
    throw new Error('not implemented yet');
  }

  consumeBatches(
    _stream: StreamName,
    _options: BatchConsumeOptions,
    _handler: (batch: RawDelivery[]) => Promise<void>,
  ): Promise<RunningConsumer> {
    throw new Error('not implemented yet');
  }
}
