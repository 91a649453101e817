import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FinishedSpan } from './span.js';
import { currentTraceId, currentTraceparent, installTraceContext, parseTraceparent, Tracing } from './tracing.js';

const session = '0199b7a4-3c00-7a3b-8f00-5a1d2e3f4a5b';
const other = '0199b7a4-3c01-7a3b-8f00-5a1d2e3f4a5b';
const caller = parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')!;

let spans: FinishedSpan[];
let tracing: Tracing;
beforeAll(installTraceContext);
beforeEach(() => {
  spans = [];
  const record = (span: FinishedSpan): void => void spans.push(span);
  const nothing = (): Promise<void> => Promise.resolve();
  tracing = new Tracing({ isSampled: () => true, record, flush: nothing, stop: nothing });
});

describe(Tracing.name, () => {
  it('gives a session and its parts the same place in every process', () => {
    const place = tracing.contextOf(session);
    expect(place.traceId).toBe('0199b7a43c007a3b8f005a1d2e3f4a5b');
    expect(new Tracing().contextOf(session)).toEqual(place);
    const ids = [
      place,
      tracing.contextOf(session, { stage: session }),
      tracing.contextOf(session, { execution: session }),
      tracing.contextOf(session, { execution: session, turn: 1 }),
      tracing.contextOf(session, { execution: session, turn: 2 }),
      tracing.contextOf(session, { execution: session, call: '1-1' }),
    ].map(({ traceId, spanId }) => {
      expect(traceId).toBe(place.traceId);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
      return spanId;
    });
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes what runs inside a span its child, across await', async () => {
    await tracing.inSpan({ name: 'outer', parent: caller }, async () => {
      await sleep(1);
      expect(currentTraceId()).toBe(caller.traceId);
      await tracing.inSpan({ name: 'inner' }, () => Promise.resolve());
    });
    const [inner, outer] = spans;
    expect(outer).toMatchObject({ name: 'outer', parent: caller, context: { traceId: caller.traceId } });
    expect(inner?.parent).toEqual(outer?.context);
    expect(outer!.endedAtMs - outer!.startedAtMs).toBeGreaterThan(0.5);
    expect(currentTraceparent()).toBeUndefined();
  });

  it('begins a trace where there is none to go on with, and keeps traces that run at the same time apart', async () => {
    const ids = await Promise.all(
      [1, 2].map(() => tracing.inSpan({ name: 'root' }, async () => (await sleep(1), currentTraceId()))),
    );
    expect(new Set(ids).size).toBe(2);
    expect(spans.map(({ parent }) => parent)).toEqual([undefined, undefined]);
  });

  it('records the code of an error, never its text', async () => {
    const failing = tracing.inSpan({ name: 'failing' }, () => Promise.reject(new Error('password=secret')));
    await expect(failing).rejects.toThrow('password');
    expect(spans[0]?.errorType).toBe('INTERNAL');
    expect(JSON.stringify(spans)).not.toContain('secret');
  });

  it('moves a request from outside to the trace of the session that comes of it, with a link to the caller', async () => {
    await tracing.inSpan({ name: 'POST /alerts', parent: caller, isFromOutside: true }, async () => {
      const place = tracing.placeInSession(session);
      await tracing.inSpan({ name: 'send', ...place }, () => Promise.resolve());
      expect(currentTraceId()).toBe(tracing.contextOf(session).traceId);
    });
    const [send, request] = spans;
    expect(request).toMatchObject({ parent: tracing.contextOf(session), links: [caller] });
    expect(send).toMatchObject({ parent: request?.context, links: [] });
  });

  it('puts what is done for another session into the trace of that one, with a link', async () => {
    await tracing.inSpan({ name: 'process', parent: tracing.contextOf(session) }, async () => {
      const place = tracing.placeInSession(other);
      await tracing.inSpan({ name: 'send', ...place }, () => Promise.resolve());
    });
    const [send, process] = spans;
    expect(process?.parent).toEqual(tracing.contextOf(session));
    expect(send).toMatchObject({ parent: tracing.contextOf(other), links: [process?.context] });
  });

  it('exports a span once, and none that goes on elsewhere', () => {
    const ended = tracing.open({ name: 'ended' });
    ended.end();
    ended.end();
    const moved = tracing.open({ name: 'moved' });
    moved.discard();
    moved.end();
    expect(spans.map(({ name }) => name)).toEqual(['ended']);
  });

  it('leaves out what is not sampled', () => {
    tracing.open({ name: 'unsampled', parent: { ...caller, traceFlags: 0 } }).end();
    expect(spans).toEqual([]);
  });

  it('carries trace ids along where nothing is exported', async () => {
    const silent = new Tracing();
    expect(silent.isRecording).toBe(false);
    await silent.inSpan({ name: 'x', parent: caller }, async () => {
      expect(currentTraceparent()).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      await silent.flush();
    });
    await silent.stop();
  });
});

describe(parseTraceparent.name, () => {
  it.each([undefined, '', 'nonsense', '00-0-0-00'])('takes %s for none', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});
