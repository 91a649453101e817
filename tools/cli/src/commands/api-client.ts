import type { LiveEvent, SessionDetail, SessionList } from '@tarsy/contracts';
import { CliError } from '../cli.errors.js';

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

  async session(id: string): Promise<SessionDetail> {
    return await this.#json<SessionDetail>(`/api/v1/sessions/${id}`);
  }

  /** Follows a session until its end; goes on where it was after a broken connection. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    let lastEventId = '';
    for (;;) {
      try {
        const response = await this.#fetch(`/api/v1/sessions/${id}/stream`, {
          signal,
          headers: lastEventId ? { 'last-event-id': lastEventId } : {},
        });
        if (response.status === 204) return;
        for await (const { event, id: eventId, data } of serverSentEvents(response.body!)) {
          if (eventId) lastEventId = eventId;
          if (event === 'end') return;
          if (data) yield JSON.parse(data) as LiveEvent;
        }
      } catch (error) {
        if (error instanceof CliError || signal.aborted) throw error;
      }
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
    throw new CliError(`${init?.method ?? 'GET'} ${path} answered ${response.status}: ${message}`);
  }
}

interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    buffer += decoder.decode(bytes, { stream: true });
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const lines = buffer.slice(0, end).split('\n');
      buffer = buffer.slice(end + 2);
      const field = (name: string): string =>
        lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, '')] : [])).join('\n'); // prettier-ignore
      yield { event: field('event'), id: field('id'), data: field('data') };
    }
  }
}
