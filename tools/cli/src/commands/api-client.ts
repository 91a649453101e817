import type { ChatAnswer, LiveEvent, SessionDetail, SessionList } from '@tarsy/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli.errors.js';
import { serverSentEvents } from './server-sent-events.js';

/** How long a watch outlasts a system that does not answer. */
const LONGEST_OUTAGE_MS = 30_000;
const RETRY_MS = 250;

/** The system answered with an error. */
class RefusedError extends CliError {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A running system's API, as a script would use it. */
export class ApiClient {
  constructor(readonly url: string) {}

  async submit(alert: Readonly<Record<string, unknown>>): Promise<string> {
    const { session_id } = await this.#json<{ session_id: string }>('/api/v1/alerts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alert),
    });
    return session_id;
  }

  async sessions(parameters: URLSearchParams): Promise<SessionList> {
    return await this.#json<SessionList>(`/api/v1/sessions?${parameters}`);
  }

  /** @throws {CliError} there is no such session */
  async session(id: string): Promise<SessionDetail> {
    try {
      return await this.#json<SessionDetail>(`/api/v1/sessions/${encodeURIComponent(id)}`);
    } catch (error) {
      throw isUnknown(error) ? unknownSession(id) : error;
    }
  }

  /** @throws {CliError} there is no such session, it can not be asked, or it is answering another question */
  async ask(id: string, content: string): Promise<ChatAnswer> {
    try {
      return await this.#json<ChatAnswer>(`/api/v1/sessions/${encodeURIComponent(id)}/chat/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ content }),
      });
    } catch (error) {
      throw error instanceof RefusedError && error.status === 404 ? unknownSession(id) : error;
    }
  }

  /**
   * Follows a session until its end, and to the end of the answer to a question about it; goes on where it was after a broken connection.
   *
   * @throws {CliError} there is no such session, or the system did not answer for 30 s
   */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    let lastEventId = '';
    let lastAnswerAtMs = 0;
    for (;;) {
      try {
        const response = await this.#fetch(`/api/v1/sessions/${encodeURIComponent(id)}/stream`, {
          signal,
          headers: lastEventId ? { 'last-event-id': lastEventId } : {},
        });
        if (response.status === 204) return;
        for await (const { event, id: eventId, data } of serverSentEvents(response.body!)) {
          lastAnswerAtMs = Date.now();
          if (eventId) lastEventId = eventId;
          if (event === 'end') return;
          if (data) yield JSON.parse(data) as LiveEvent;
        }
      } catch (error) {
        if (signal.aborted) throw error;
        if (isUnknown(error)) throw unknownSession(id);
        if (error instanceof RefusedError && error.status < 500) throw error;
        if (error instanceof CliError && Date.now() - lastAnswerAtMs > LONGEST_OUTAGE_MS) throw error;
      }
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  async #json<Answer>(path: string, init?: RequestInit): Promise<Answer> {
    const response = await this.#fetch(path, init);
    return (await response.json()) as Answer;
  }

  async #fetch(path: string, init?: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.url + path, init);
    } catch (error) {
      if (init?.signal?.aborted) throw error;
      throw new CliError(`nothing answers at ${this.url}; is the system up? (\`tarsy status\`)`, { cause: error });
    }
    if (response.ok) return response;
    const text = await response.text();
    let message = text.slice(0, 500);
    try {
      message = (JSON.parse(text) as { message?: string }).message ?? message;
    } catch {
      // Not JSON: shown as it is.
    }
    throw new RefusedError(response.status, `${init?.method ?? 'GET'} ${path} answered ${response.status}: ${message}`);
  }
}

/** No session has it, or it can not be the id of one. */
const isUnknown = (error: unknown): boolean =>
  error instanceof RefusedError && (error.status === 404 || error.status === 400);

const unknownSession = (id: string): CliError =>
  new CliError(`there is no session ${id}; \`tarsy session list\` shows those there are`);
