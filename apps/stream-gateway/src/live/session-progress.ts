import type { LifecycleEvent } from '@tarsy/contracts';

type StageEvent = Extract<LifecycleEvent, { type: 'stage-status-changed' }>;

/** Where a session stands, from its lifecycle events in order. */
export class SessionProgress {
  readonly #activeExecutions = new Set<string>();
  #stage: StageEvent | undefined;

  apply(event: LifecycleEvent): void {
    if (event.type === 'stage-status-changed' && event.status === 'active' && event.stageType !== 'chat')
      this.#stage = event;
    if (event.type !== 'execution-status-changed') return;
    if (event.status === 'active') this.#activeExecutions.add(event.executionId);
    else this.#activeExecutions.delete(event.executionId);
  }

  /** The stage of the investigation that was started last. */
  get stage(): StageEvent | undefined {
    return this.#stage;
  }

  get activeExecutions(): number {
    return this.#activeExecutions.size;
  }
}
