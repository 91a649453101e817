import type { LifecycleEvent, MessageDefinition } from '@tarsy/contracts';
import type { Clock } from '@tarsy/core';
import type { MessagePublisher } from '@tarsy/messaging';
import type { AlertSession } from '@tarsy/persistence';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import { SessionRows } from './session-rows.js';

/** A lifecycle event without what is the same in all of them. */
export type NewLifecycleEvent = LifecycleEvent extends infer Event
  ? Event extends LifecycleEvent
    ? Omit<Event, 'sessionId' | 'revision' | 'at'>
    : never
  : never;

/** One transaction on one session, and what is to be published once it has committed. */
export class SessionChange {
  /** An earlier change was committed but not published to the end. */
  readonly wasCutOff: boolean;
  /** The session's stages and executions; everything of the session is saved through it. */
  readonly rows: SessionRows;
  readonly #followUps: ((publisher: MessagePublisher) => Promise<unknown>)[] = [];

  constructor(
    readonly manager: EntityManager,
    readonly session: AlertSession,
    readonly clock: Clock,
  ) {
    this.wasCutOff = session.unpublishedLifecycle.length > 0;
    this.rows = new SessionRows(manager, session.id);
  }

  /** Adds a lifecycle event; it is stored with the transaction and published after it, in this order. */
  emit(event: NewLifecycleEvent): void {
    this.session.lifecycleRevision += 1;
    const { id: sessionId, lifecycleRevision: revision, unpublishedLifecycle: unpublished } = this.session;
    this.session.unpublishedLifecycle = [...unpublished, { ...event, sessionId, revision, at: this.clock.nowIso() }];
  }

  /** Publishes after the commit. The id must derive from the cause: a redelivery publishes it again. */
  publish<Schema extends z.ZodType>(definition: MessageDefinition<Schema>, payload: z.output<Schema>): void {
    this.#followUps.push((publisher) => publisher.publish(definition, payload));
  }

  /** As {@link publish}, delivered at `at`. */
  publishAt<Schema extends z.ZodType>(
    definition: MessageDefinition<Schema>,
    payload: z.output<Schema>,
    at: Date,
    scheduleId: string,
  ): void {
    this.#followUps.push((publisher) => publisher.publishAt(definition, payload, at, scheduleId));
  }

  async publishFollowUps(publisher: MessagePublisher): Promise<void> {
    for (const publish of this.#followUps) await publish(publisher);
  }
}
