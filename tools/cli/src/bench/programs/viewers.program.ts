import { connect, type Socket } from 'node:net';
import { answerCalls } from '../program.js';
import { splitEvents, timeMarksIn } from '../wire.js';

export interface ViewersJob {
  /** Of stream-gateway. */
  readonly url: string;
  readonly sessionIds: readonly string[];
  readonly viewersPerSession: number;
}

export interface ViewersOutcome {
  /** One for each piece of the model's that a viewer saw. */
  readonly latenciesMs: number[];
  /** Viewers that saw their session end. */
  readonly ended: number;
}

/** Watches over plain sockets and looks only for the time marks of the model server. */
const latenciesMs: number[] = [];
const sockets = new Set<Socket>();
let watching = 0;
let ended = 0;

function watch(url: URL, sessionId: string): void {
  const socket = connect({ host: url.hostname, port: Number(url.port) });
  sockets.add(socket);
  let rest = '';
  let isWatching = false;
  const seen = { lastUs: 0 };
  socket.write(
    `GET /api/v1/sessions/${sessionId}/stream HTTP/1.1\r\nhost: ${url.host}\r\naccept: text/event-stream\r\n\r\n`,
  );
  socket.setEncoding('latin1').on('data', (text: string) => {
    const nowUs = Number(process.hrtime.bigint() / 1_000n);
    if (!isWatching && text.includes('retry:')) {
      isWatching = true;
      watching++;
    }
    const split = splitEvents(rest + text);
    rest = split.rest;
    for (const event of split.events) take(event, seen, nowUs);
  });
  socket.on('error', () => undefined);
}

/** Marks of one session grow: what is not newer was seen before, as whole texts repeat their pieces. */
function take(event: string, seen: { lastUs: number }, nowUs: number): void {
  for (const leftUs of timeMarksIn(event)) {
    if (leftUs <= seen.lastUs) continue;
    seen.lastUs = leftUs;
    latenciesMs.push((nowUs - leftUs) / 1_000);
  }
  if (event.includes('"type":"session.status"') && /"status":"(completed|failed)"/.test(event)) ended++;
}

answerCalls({
  watch: ({ url, sessionIds, viewersPerSession }: ViewersJob): void => {
    for (const sessionId of sessionIds)
      for (let viewer = 0; viewer < viewersPerSession; viewer++) watch(new URL(url), sessionId);
  },
  watching: () => watching,
  ended: () => ended,
  outcome: (): ViewersOutcome => {
    for (const socket of sockets) socket.destroy();
    return { latenciesMs, ended };
  },
});
