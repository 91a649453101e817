import type { TaskScheduled } from '@tarsy/contracts';
import type { Clock } from '@tarsy/core';
import type { ExecutionJournal } from '@tarsy/messaging';
import { ExecutionStoppedError } from './executions.errors.js';

/** Longest delay a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One signal for all that ends the work on an execution; its reason says what it was. */
export class StopSignal {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #forgetMailbox: () => void;

  /**
   * @param outer Aborts when this worker must let go: it stops, or the delivery is somebody else's.
   */
  constructor(
    task: TaskScheduled,
    journal: ExecutionJournal,
    private readonly outer: AbortSignal,
    clock: Clock,
  ) {
    outer.addEventListener('abort', this.#letGo, { once: true });
    if (outer.aborted) this.#letGo();
    this.#forgetMailbox = journal.onMailbox((message) => {
      if (message.type !== 'cancel') return;
      this.#abort.abort(new ExecutionStoppedError(message.status, message.reason));
    });
    const leftMs = Date.parse(task.deadlineAt) - clock.nowMs();
    const onDeadline = (): void =>
      this.#abort.abort(new ExecutionStoppedError('timed_out', `its time was over at ${task.deadlineAt}`));
    if (leftMs <= 0) onDeadline();
    this.#timer = setTimeout(onDeadline, Math.min(leftMs, LONGEST_TIMER_MS));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Set when the execution must end, and not merely move. */
  get stopped(): ExecutionStoppedError | undefined {
    const { reason } = this.#abort.signal;
    return reason instanceof ExecutionStoppedError ? reason : undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#forgetMailbox();
    this.outer.removeEventListener('abort', this.#letGo);
  }

  readonly #letGo = (): void => this.#abort.abort(this.outer.reason);
}
