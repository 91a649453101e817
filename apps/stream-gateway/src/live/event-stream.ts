import type { ServerResponse } from 'node:http';
import { FellBehindError } from './broadcast.js';

const HEARTBEAT_MS = 15_000;
const WRITE_TIMEOUT_MS = 10_000;
/** What a client waits before it connects again. */
const RETRY_MS = 1_000;

/** The answer to one `text/event-stream` request. */
export class EventStream {
  readonly #gone = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;

  /** Sends the headers at once. */
  constructor(
    private readonly response: ServerResponse,
    headers: Readonly<Record<string, number | string | string[] | undefined>>,
  ) {
    response.on('close', () => this.#stop());
    response.on('error', () => this.#stop());
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Proxies such as nginx would otherwise hold the events back.
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  /** Aborts when the client is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /**
   * Resolves when the client can take more.
   * @throws {FellBehindError} it could not for ten seconds
   */
  async write(frames: string): Promise<void> {
    if (this.signal.aborted || this.response.write(frames)) return;
    await this.#drained();
  }

  end(): void {
    this.#stop();
    this.response.end();
  }

  #drained(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const limit = setTimeout(() => {
      this.response.destroy();
      reject(new FellBehindError());
    }, WRITE_TIMEOUT_MS);
    this.response.once('drain', resolve);
    this.signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => {
      clearTimeout(limit);
      this.response.off('drain', resolve);
    });
  }

  #beat(): void {
    if (!this.response.writableNeedDrain) this.response.write(': heartbeat\n\n');
  }

  #stop(): void {
    clearInterval(this.#heartbeat);
    this.#gone.abort();
  }
}
