import type { LifecycleEvent, LiveEvent } from '@tarsy/contracts';
import { SessionProgress } from './session-progress.js';
import { progressEvent, sessionStatusEvent, stageStatusEvent } from './lifecycle-events.js';

/** Sessions whose progress is remembered; the oldest is forgotten first. */
const MOST_SESSIONS = 10_000;

/**
 * What the channel `sessions` says: coarse, of every session, and kept nowhere. Of a session that has ended it tells when a question is asked
 * and when its answer has ended, so that whoever has its page open reads on.
 */
export class OverviewEvents {
  readonly #progress = new Map<string, SessionProgress>();

  of(event: LifecycleEvent): LiveEvent[] {
    const status = sessionStatusEvent(event);
    const isOver = event.type === 'session-status-changed' && event.status !== 'in_progress';
    if (isOver) this.#progress.delete(event.sessionId);
    const progress = isOver ? undefined : progressEvent(event, this.#progressOf(event));
    const answer =
      event.type === 'stage-status-changed' && event.stageType === 'chat' ? stageStatusEvent(event) : undefined;
    return [status, progress, answer].filter((each) => each !== undefined);
  }

  #progressOf(event: LifecycleEvent): SessionProgress {
    const progress = this.#progress.get(event.sessionId) ?? new SessionProgress();
    progress.apply(event);
    this.#progress.set(event.sessionId, progress);
    if (this.#progress.size > MOST_SESSIONS) this.#progress.delete(this.#progress.keys().next().value!);
    return progress;
  }
}
