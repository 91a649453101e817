import type { StreamName } from '@tarsy/contracts';

export interface DeadLetter {
  /** Position among the dead letters. */
  readonly sequence: number;
  readonly deadAt: Date;
  readonly stream: StreamName;
  /** Unqualified, as in `subjects`. */
  readonly subject: string;
  /** Position in the stream it came from. */
  readonly originalSequence: number;
  readonly messageId: string;
  readonly consumer: string;
  readonly attempts: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  /** UTF-8 text of the body. */
  readonly body: string;
}

export class DeadLetters {
  list(_page: { limit: number; beforeSequence?: number }): Promise<DeadLetter[]> {
    throw new Error('not implemented yet');
  }
  replay(_sequence: number): Promise<void> {
    throw new Error('not implemented yet');
  }
  discard(_sequence: number): Promise<void> {
    throw new Error('not implemented yet');
  }
}
