/** One event of a streamed completion; without a delta the one that says what it cost. */
export function completionChunk(delta?: Readonly<Record<string, unknown>>, finishReason: string | null = null): string {
  const common = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 0, model: 'bench-model' };
  const chunk =
    delta === undefined
      ? { ...common, choices: [], usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } }
      : { ...common, choices: [{ index: 0, delta, finish_reason: finishReason }] };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

const MARK = /~(\d+)~/g;

/** @param nanoseconds Of the monotonic clock, which all processes of a machine share. */
export const timeMark = (nanoseconds: bigint): string => `~${nanoseconds / 1_000n}~`;

/** Microseconds of every {@link timeMark} in a text. */
export function timeMarksIn(text: string): number[] {
  return Array.from(text.matchAll(MARK), ([, digits]) => Number(digits));
}

/** Whole server-sent events at the beginning of a text, and what is left of an unfinished one. */
export function splitEvents(text: string): { events: string[]; rest: string } {
  const events = text.split('\n\n');
  return { rest: events.pop() ?? '', events };
}

/** Counts answers of HTTP/1.1 with a content length, which may come in any pieces. */
export class AnswerCounter {
  #buffer = '';

  /** @returns status codes of the answers that are complete now */
  take(text: string): number[] {
    this.#buffer += text;
    const statuses: number[] = [];
    for (;;) {
      const headEnd = this.#buffer.indexOf('\r\n\r\n');
      if (headEnd < 0) return statuses;
      const head = this.#buffer.slice(0, headEnd);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (this.#buffer.length < end) return statuses;
      this.#buffer = this.#buffer.slice(end);
      statuses.push(Number(head.slice(9, 12)));
    }
  }
}

/** An alert whose request body has exactly this many bytes. */
export function alertBody(number: number, bytes: number): string {
  const text = `{"alert_type":"bench","severity":"warning","data":"alert ${String(number).padStart(9, '0')}: disk of node ${number % 1_000} fills up `;
  return `${text}${'.'.repeat(Math.max(0, bytes - text.length - 2))}"}`;
}
