import { Injectable } from '@nestjs/common';
import { STREAM_NAMES, type StreamName } from '@tarsy/contracts';
import { Messaging } from './messaging.js';

export interface QueueConsumerState {
  readonly name: string;
  /** Stored and not delivered yet. */
  readonly pending: number;
  /** Delivered and not acknowledged yet. */
  readonly ackPending: number;
  readonly redelivered: number;
}

export interface QueueState {
  /** Name in the contracts, without the namespace. */
  readonly name: StreamName;
  readonly messages: number;
  readonly bytes: number;
  readonly consumers: readonly QueueConsumerState[];
}

/** How full every stream is and how far its durable consumers are. */
@Injectable()
export class QueueInspector {
  constructor(private readonly messaging: Messaging) {}

  async streams(): Promise<QueueState[]> {
    return await Promise.all(STREAM_NAMES.map((name) => this.#inspect(name)));
  }

  async #inspect(name: StreamName): Promise<QueueState> {
    const stream = this.messaging.names.stream(name);
    const { state } = await this.messaging.manager.streams.info(stream);
    const consumers: QueueConsumerState[] = [];
    for await (const info of this.messaging.manager.consumers.list(stream))
      if (info.config.durable_name !== undefined)
        consumers.push({
          name: info.name,
          pending: info.num_pending,
          ackPending: info.num_ack_pending,
          redelivered: info.num_redelivered,
        });
    return { name, messages: state.messages, bytes: state.bytes, consumers };
  }
}
