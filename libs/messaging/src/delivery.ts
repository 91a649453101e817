/** One delivery of a message to a handler. */
export interface Delivery {
  /** Unqualified, as in `subjects`: it begins with `tarsy.` in every namespace. */
  readonly subject: string;
  /** Position in the stream; of a message that is handed over again, the position where it was first. */
  readonly sequence: number;
  /** Counts deliveries of this message from 1, those to processes that died included. */
  readonly attempt: number;
  readonly publishedAt: Date;
  /** Aborts when the service must stop now, and when the delivery went to somebody else. Pass it to every call. */
  readonly signal: AbortSignal;
  /** W3C trace context of the publisher. */
  readonly traceparent?: string;
}

/** A delivery whose body is not parsed yet. */
export interface RawDelivery {
  readonly subject: string;
  readonly sequence: number;
  readonly attempt: number;
  readonly publishedAt: Date;
  /** Whole body, also where the message carried only a reference to it. */
  readonly data: Uint8Array;
}
