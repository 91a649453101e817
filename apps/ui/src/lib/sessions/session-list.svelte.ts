import type { FilterOptions, LiveEvent, SessionItem } from '@tarsy/contracts';
import { listSessions, readFilterOptions } from '#lib/api/api';
import { reasonOf } from '#lib/api/api-error';
import { Channel } from '#lib/live/channel.svelte';
import { apiQueryOf, EVERYTHING, type ListQuery } from './list-query';

const RELOAD_DELAY_MS = 300;
/** A session that waits for its turn is announced by no event. */
const RELOAD_EVERY_MS = 5_000;

/** One page of the list of sessions, kept up to date by the `sessions` channel. */
export class SessionListState {
  #query: ListQuery = EVERYTHING;
  #sessions = $state<SessionItem[]>([]);
  #total = $state(0);
  #totalPages = $state(0);
  #phase = $state<'loading' | 'loaded' | 'failed'>('loading');
  #reason = $state('');
  #progress = $state<Record<string, string>>({});
  #options = $state<FilterOptions>();
  #asked = 0;
  #reload: ReturnType<typeof setTimeout> | undefined;
  readonly #regular = setInterval(() => void this.#tick(), RELOAD_EVERY_MS);
  readonly #channel = new Channel(
    'sessions',
    (event) => this.#apply(event),
    () => void this.refresh(),
  );

  get sessions(): readonly SessionItem[] {
    return this.#sessions;
  }
  /** Sessions that match, on all pages. */
  get total(): number {
    return this.#total;
  }
  get totalPages(): number {
    return this.#totalPages;
  }
  /** `failed` only where there is nothing to show; what was loaded before stays. */
  get phase(): 'loading' | 'loaded' | 'failed' {
    return this.#phase;
  }
  /** Why the last attempt to load failed; '' when it did not. */
  get reason(): string {
    return this.#reason;
  }
  get connection(): Channel['connection'] {
    return this.#channel.connection;
  }
  /** Values to filter by; undefined until they are known. */
  get options(): FilterOptions | undefined {
    return this.#options;
  }

  /** What a running session is doing, in a few words. */
  progressOf(sessionId: string): string | undefined {
    return this.#progress[sessionId];
  }

  async show(query: ListQuery): Promise<void> {
    this.#query = query;
    this.#phase = 'loading';
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { sessions, pagination } = await listSessions(apiQueryOf(this.#query));
      if (asked !== this.#asked) return;
      this.#sessions = sessions;
      this.#total = pagination.total_items;
      this.#totalPages = pagination.total_pages;
      this.#phase = 'loaded';
      this.#reason = '';
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#reason = reasonOf(error);
      if (this.#phase === 'loading') this.#phase = 'failed';
    }
  }

  /** Filters are a convenience: without them the list still works. */
  async loadOptions(): Promise<void> {
    this.#options = await readFilterOptions().catch(() => this.#options);
  }

  close(): void {
    clearTimeout(this.#reload);
    clearInterval(this.#regular);
    this.#channel.close();
  }

  async #tick(): Promise<void> {
    if (document.visibilityState === 'visible') await this.refresh();
  }

  #apply(event: LiveEvent): void {
    if (event.type === 'session.progress') this.#progress[event.session_id] = event.status_text;
    if (event.type !== 'session.status') return;
    const known = this.#sessions.find((session) => session.id === event.session_id);
    if (known) known.status = event.status;
    if (event.status !== 'in_progress') delete this.#progress[event.session_id];
    this.#reload ??= setTimeout(() => {
      this.#reload = undefined;
      void this.refresh();
    }, RELOAD_DELAY_MS);
  }
}
