import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerCalls } from '../program.js';
import { alertBody, AnswerCounter } from '../wire.js';

export interface HttpJob {
  /** Of ingest. */
  readonly url: string;
  readonly count: number;
  readonly bodyBytes: number;
  /** Kept alive; one request at a time on each. */
  readonly connections: number;
}

export interface HttpOutcome {
  readonly seconds: number;
  readonly accepted: number;
  readonly latenciesMs: number[];
}

/** Sends alerts over plain sockets: a whole HTTP client would cost as much as the server that is measured. */
async function send({ url, count, bodyBytes, connections }: HttpJob): Promise<HttpOutcome> {
  const { hostname, port } = new URL(url);
  const head = `POST /api/v1/alerts HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${bodyBytes}\r\n\r\n`;
  const latenciesMs: number[] = [];
  let sent = 0;
  let accepted = 0;
  const lane = async (socket: Socket): Promise<void> => {
    const counter = new AnswerCounter();
    let startedAtMs = 0;
    const next = (): void => {
      if (sent >= count) return void socket.end();
      startedAtMs = performance.now();
      socket.write(head + alertBody(sent++, bodyBytes), 'latin1');
    };
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const status of counter.take(text)) {
        latenciesMs.push(performance.now() - startedAtMs);
        if (status === 202) accepted++;
        next();
      }
    });
    next();
    await once(socket, 'close');
  };
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(hostname, Number(port))));
  const startedAtMs = performance.now();
  await Promise.all(sockets.map(lane));
  return { seconds: (performance.now() - startedAtMs) / 1_000, accepted, latenciesMs };
}

async function connected(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

answerCalls({ send });
