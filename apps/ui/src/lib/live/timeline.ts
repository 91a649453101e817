import type { LiveEvent, LiveEventOf, TimelineEventView } from '@tarsy/contracts';

type Created = LiveEventOf<'timeline_event.created'>;
type Completed = LiveEventOf<'timeline_event.completed'>;
type Chunk = LiveEventOf<'stream.chunk'>;

/** One event of a session as people see it. Never changed: an update is a new item in the same place. */
export interface TimelineItem {
  readonly id: string;
  readonly stageId: string | undefined;
  readonly executionId: string | undefined;
  readonly type: Created['event_type'];
  readonly status: Created['status'];
  readonly content: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/**
 * The events of one session in the order in which they happened. Takes the same event twice without harm, and replaces
 * the text of an answer that is told anew after a reconnect.
 */
export class Timeline {
  readonly #items: TimelineItem[] = [];
  readonly #places = new Map<string, number>();
  #lastStored = 0;

  /** A copy, so that whoever holds an older one sees that it is another. */
  get items(): readonly TimelineItem[] {
    return [...this.#items];
  }

  /** @returns whether the event changed what there is to see */
  apply(event: LiveEvent): boolean {
    if (event.db_event_id !== undefined) {
      if (event.db_event_id <= this.#lastStored) return false;
      this.#lastStored = event.db_event_id;
    }
    switch (event.type) {
      case 'timeline_event.created':
        return this.#create(event);
      case 'timeline_event.completed':
        return this.#complete(event);
      case 'stream.chunk':
        return this.#extend(event);
      default:
        return false;
    }
  }

  /** Adds what is stored of a session whose events are told no more; what was told of it is newer. */
  addStored(views: readonly TimelineEventView[]): void {
    const stored = views
      .filter(({ id }) => !this.#places.has(id))
      .sort((one, other) => one.sequence_number - other.sequence_number)
      .map(itemOf);
    const all = [...stored, ...this.#items.splice(0)];
    this.#places.clear();
    for (const item of all.sort((one, other) => one.createdAt.localeCompare(other.createdAt))) this.#put(item);
  }

  #create(event: Created): boolean {
    const known = this.#find(event.event_id);
    // Told anew while it is being written: its text starts again. What is finished stays.
    if (known && known.status !== 'streaming') return false;
    this.#put({
      id: event.event_id,
      stageId: event.stage_id,
      executionId: event.execution_id,
      type: event.event_type,
      status: event.status,
      content: event.content,
      metadata: event.metadata ?? {},
      createdAt: known?.createdAt ?? event.timestamp,
    });
    return true;
  }

  #complete(event: Completed): boolean {
    const known = this.#find(event.event_id);
    this.#put({
      id: event.event_id,
      stageId: known?.stageId,
      executionId: known?.executionId,
      type: event.event_type,
      status: event.status,
      content: event.content,
      metadata: { ...known?.metadata, ...event.metadata },
      createdAt: known?.createdAt ?? event.timestamp,
    });
    return true;
  }

  #extend({ event_id, delta, offset }: Chunk): boolean {
    const known = this.#find(event_id);
    if (known?.status !== 'streaming' || offset > known.content.length) return false;
    this.#put({ ...known, content: known.content.slice(0, offset) + delta });
    return true;
  }

  #find(id: string): TimelineItem | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#items[place];
  }

  #put(item: TimelineItem): void {
    const place = this.#places.get(item.id);
    if (place === undefined) this.#places.set(item.id, this.#items.push(item) - 1);
    else this.#items[place] = item;
  }
}

const itemOf = (view: TimelineEventView): TimelineItem => ({
  id: view.id,
  stageId: view.stage_id,
  executionId: view.execution_id,
  type: view.event_type,
  status: view.status,
  content: view.content ?? '',
  metadata: view.metadata ?? {},
  createdAt: view.created_at,
});
