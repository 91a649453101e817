import type { LiveEvent, SessionItem } from '@tarsy/contracts';
import { listSessions } from './api';
import { Channel } from './channel.svelte';

const RELOAD_DELAY_MS = 300;
/** A session that waits for its turn is announced by no event. */
const RELOAD_EVERY_MS = 10_000;

/** One page of the list of sessions, kept up to date by the `sessions` channel. */
export class SessionListState {
  #sessions = $state<SessionItem[]>([]);
  #page = $state(1);
  #totalPages = $state(0);
  #loaded = $state(false);
  #failure = $state<string>();
  #progress = $state<Record<string, string>>({});
  #reload: ReturnType<typeof setTimeout> | undefined;
  readonly #regular = setInterval(() => void this.load(this.#page), RELOAD_EVERY_MS);
  readonly #channel = new Channel(
    'sessions',
    (event) => this.#apply(event),
    () => void this.load(this.#page),
  );

  get sessions(): readonly SessionItem[] {
    return this.#sessions;
  }
  get page(): number {
    return this.#page;
  }
  get totalPages(): number {
    return this.#totalPages;
  }
  get loaded(): boolean {
    return this.#loaded;
  }
  get failure(): string | undefined {
    return this.#failure;
  }
  get connected(): boolean {
    return this.#channel.connected;
  }

  /** What a running session is doing, in a few words. */
  progressOf(sessionId: string): string | undefined {
    return this.#progress[sessionId];
  }

  async load(page: number): Promise<void> {
    try {
      const { sessions, pagination } = await listSessions(page);
      this.#sessions = sessions;
      this.#page = page;
      this.#totalPages = pagination.total_pages;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    this.#loaded = true;
  }

  close(): void {
    clearTimeout(this.#reload);
    clearInterval(this.#regular);
    this.#channel.close();
  }

  #apply(event: LiveEvent): void {
    if (event.type === 'session.progress') this.#progress[event.session_id] = event.status_text;
    if (event.type !== 'session.status') return;
    const known = this.#sessions.find((session) => session.id === event.session_id);
    if (known) known.status = event.status;
    clearTimeout(this.#reload);
    this.#reload = setTimeout(() => void this.load(this.#page), RELOAD_DELAY_MS);
  }
}
