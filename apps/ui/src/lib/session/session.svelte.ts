import type { LiveEvent, LiveEventOf, SessionDetail } from '@tarsy/contracts';
import { cancelSession, readSession, sessionStreamUrl } from './api';

export interface Step {
  id: string;
  type: LiveEventOf<'timeline_event.created'>['event_type'];
  status: string;
  content: string;
  /** The tool that was called, as `server.tool`; absent from other steps. */
  tool: string | undefined;
}

type TimelineEvent = LiveEventOf<'timeline_event.created'> | LiveEventOf<'timeline_event.completed'>;

function toolOf({ metadata }: TimelineEvent): string | undefined {
  return metadata?.tool_name === undefined ? undefined : `${metadata.server_name}.${metadata.tool_name}`;
}

/** One session as it happens: the stored view over REST, what follows over server-sent events. */
export class SessionState {
  #detail = $state<SessionDetail>();
  #steps = $state<Step[]>([]);
  #failure = $state<string>();
  #connected = $state(false);
  readonly #source: EventSource;

  constructor(readonly id: string) {
    void this.#load();
    this.#source = new EventSource(sessionStreamUrl(id));
    this.#source.onopen = () => (this.#connected = true);
    this.#source.onerror = () => (this.#connected = false);
    this.#source.onmessage = ({ data }) => this.#apply(JSON.parse(String(data)) as LiveEvent);
    this.#source.addEventListener('end', () => this.#finish());
  }

  get detail(): SessionDetail | undefined {
    return this.#detail;
  }
  get steps(): readonly Step[] {
    return this.#steps;
  }
  get failure(): string | undefined {
    return this.#failure;
  }
  get connected(): boolean {
    return this.#connected;
  }

  async cancel(): Promise<void> {
    try {
      await cancelSession(this.id);
      await this.#load();
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#source.close();
  }

  async #load(): Promise<void> {
    try {
      this.#detail = await readSession(this.id);
      this.#failure = undefined;
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(): void {
    this.#source.close();
    this.#connected = true;
    void this.#load();
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
  }

  #apply(event: LiveEvent): void {
    switch (event.type) {
      case 'timeline_event.created':
      case 'timeline_event.completed':
        this.#put(event);
        return;
      case 'stream.chunk':
        this.#extend(event);
        return;
      case 'session.status':
        if (this.#detail) this.#detail.status = event.status;
        void this.#load();
        return;
      case 'stage.status':
        void this.#load();
    }
  }

  #put(event: TimelineEvent): void {
    const { event_id: id, event_type: type, status, content } = event;
    const step: Step = { id, type, status, content, tool: toolOf(event) };
    const position = this.#steps.findIndex(({ id }) => id === step.id);
    if (position < 0) this.#steps.push(step);
    else this.#steps[position] = step;
  }

  #extend({ event_id, delta, offset }: LiveEventOf<'stream.chunk'>): void {
    const step = this.#steps.find(({ id }) => id === event_id);
    if (step) step.content = step.content.slice(0, offset) + delta;
  }
}
