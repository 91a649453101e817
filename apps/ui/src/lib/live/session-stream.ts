import type { LiveEvent } from '@tarsy/contracts';
import { Backoff } from './backoff';
import { SseParser } from './sse-parser';

/** The server sends a heartbeat every 15 s; longer silence means that the connection is dead without knowing it. */
const LONGEST_SILENCE_MS = 40_000;

export interface SessionStreamListener {
  /** Events that arrived together, in order. */
  onEvents(events: LiveEvent[]): void;
  /** @param connected False from the moment the connection is known to be lost. */
  onConnection(connected: boolean): void;
  /** Everything has been told: the session is over. */
  onEnd(): void;
  /** There is no such session. */
  onMissing(): void;
}

type Outcome = 'ended' | 'missing' | 'lost';

/**
 * The events of one session over `fetch`: as server-sent events, but with the status code in sight, which `EventSource`
 * hides. A lost connection is made again with growing delays and continues behind the last event that arrived.
 */
export class SessionStream {
  #lastEventId = '';
  #stop: AbortController | undefined;
  #isOver = false;

  constructor(
    private readonly url: string,
    private readonly listener: SessionStreamListener,
    private readonly fetchStream: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  /** Connects, unless it is connected or all has been told. */
  start(): void {
    if (this.#stop || this.#isOver) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  /** Connects again although all had been told: more has happened since. */
  reopen(): void {
    this.#isOver = false;
    this.start();
  }

  /** Lets the connection go; {@link start} continues where it was. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      const outcome = await this.#connect(signal, backoff).catch((): Outcome => 'lost');
      if (signal.aborted) return;
      if (outcome !== 'lost') return this.#finish(outcome);
      this.listener.onConnection(false);
      await delay(backoff.next(), signal);
    }
  }

  #finish(outcome: Exclude<Outcome, 'lost'>): void {
    this.#isOver = true;
    this.#stop = undefined;
    if (outcome === 'ended') this.listener.onEnd();
    else this.listener.onMissing();
  }

  async #connect(signal: AbortSignal, backoff: Backoff): Promise<Outcome> {
    const silence = new AbortController();
    const headers = { accept: 'text/event-stream', ...(this.#lastEventId && { 'last-event-id': this.#lastEventId }) };
    const response = await this.fetchStream(this.url, {
      headers,
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.status === 204) return 'ended';
    if (response.status === 404) return 'missing';
    if (!response.ok || !response.body) return 'lost';
    backoff.reset();
    this.listener.onConnection(true);
    return this.#read(response.body, silence);
  }

  async #read(body: ReadableStream<Uint8Array>, silence: AbortController): Promise<Outcome> {
    const parser = new SseParser();
    const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
    let watchdog = setTimeout(() => silence.abort(), LONGEST_SILENCE_MS);
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => silence.abort(), LONGEST_SILENCE_MS);
        if (this.#tell(parser, piece.value)) return 'ended';
      }
      return 'lost';
    } finally {
      clearTimeout(watchdog);
      reader.cancel().catch(() => undefined);
    }
  }

  /** @returns whether the stream said that it is complete */
  #tell(parser: SseParser, text: string): boolean {
    const messages = parser.push(text);
    const events = messages.filter(({ event }) => event === 'message').map(({ data }) => JSON.parse(data) as LiveEvent);
    this.#lastEventId = messages.at(-1)?.lastEventId || this.#lastEventId;
    if (events.length > 0) this.listener.onEvents(events);
    return messages.some(({ event }) => event === 'end');
  }
}

function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
