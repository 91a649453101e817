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
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly consumers: readonly QueueConsumerState[];
}

export class QueueInspector {
  streams(): Promise<QueueState[]> {
    throw new Error('not implemented yet');
  }
}
