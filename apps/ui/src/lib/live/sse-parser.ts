/** One message of a `text/event-stream`. */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
  /** Id of this message, or of the last one before it that had one; '' before the first. */
  readonly lastEventId: string;
}

/** Reads server-sent events out of text that arrives in pieces (WHATWG HTML, "Interpreting an event stream"). */
export class SseParser {
  #rest = '';
  #data: string[] = [];
  #event = '';
  #lastEventId = '';

  /** @returns the messages that `text` completes; heartbeat comments complete none */
  push(text: string): StreamMessage[] {
    const whole = this.#rest + text;
    // A trailing CR may be the first half of CRLF.
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const lines = whole.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = lines.pop()! + whole.slice(end);
    return lines.map((line) => this.#line(line)).filter((message) => message !== undefined);
  }

  #line(line: string): StreamMessage | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#lastEventId = value;
    return undefined;
  }

  #dispatch(): StreamMessage | undefined {
    const message = { event: this.#event || 'message', data: this.#data.join('\n'), lastEventId: this.#lastEventId };
    const isEmpty = this.#data.length === 0;
    this.#data = [];
    this.#event = '';
    return isEmpty ? undefined : message;
  }
}
