import { describe, expect, it } from 'vitest';
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.js';

describe(serverSentEvents.name, () => {
  it('puts events together however they are cut, and leaves out one that has no end', async () => {
    const bytes = new TextEncoder().encode(
      'event: part\nid: 7\ndata: {"text":"größer"}\n\n: still here\n\ndata: first\ndata:  second\n\ndata: unfinished',
    );
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const events: ServerSentEvent[] = [];
    for await (const event of serverSentEvents(body)) events.push(event);
    expect(events).toEqual([
      { event: 'part', id: '7', data: '{"text":"größer"}' },
      { event: '', id: '', data: '' },
      { event: '', id: '', data: 'first\n second' },
    ]);
  });
});
