import type { LiveEvent } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { SessionStream } from './session-stream';

const event = (status: string): string => JSON.stringify({ type: 'session.status', status });

/** A server that answers each connection with the next of `answers`. */
function watch(answers: (() => Response)[]): Promise<{ told: string[]; sentIds: (string | null)[] }> {
  const { promise, resolve } = Promise.withResolvers<{ told: string[]; sentIds: (string | null)[] }>();
  const told: string[] = [];
  const sentIds: (string | null)[] = [];
  const stream = new SessionStream(
    '/stream',
    {
      onEvents: (events) => told.push(...events.map((each) => (each as LiveEvent & { status: string }).status)),
      onConnection: (connected) => told.push(connected ? 'connected' : 'lost'),
      onEnd: () => (told.push('end'), resolve({ told, sentIds })),
      onMissing: () => (told.push('missing'), resolve({ told, sentIds })),
    },
    async (_url, init) => {
      sentIds.push(new Headers(init?.headers).get('last-event-id'));
      return answers.shift()!();
    },
  );
  stream.start();
  return promise;
}

describe(SessionStream.name, () => {
  it('continues behind the last event after a lost connection and ends when the server says so', async () => {
    const { told, sentIds } = await watch([
      () => new Response(`id: 5.0\ndata: ${event('one')}\n\ndata: ${event('piece')}\n\n`),
      () => new Response('busy', { status: 503 }),
      () => new Response(`id: 6.0\ndata: ${event('two')}\n\nevent: end\ndata: {}\n\n`),
    ]);
    expect(told).toEqual(['connected', 'one', 'piece', 'lost', 'lost', 'connected', 'two', 'end']);
    expect(sentIds).toEqual([null, '5.0', '5.0']);
  });

  it('ends on 204: all was told before', async () => {
    expect((await watch([() => new Response(null, { status: 204 })])).told).toEqual(['end']);
  });

  it('does not ask again for a session that does not exist', async () => {
    expect((await watch([() => new Response('', { status: 404 })])).told).toEqual(['missing']);
  });

  it('tries again when the network refuses', async () => {
    const { told } = await watch([
      () => {
        throw new TypeError('network');
      },
      () => new Response('event: end\ndata: {}\n\n'),
    ]);
    expect(told).toEqual(['lost', 'connected', 'end']);
  });
});
