import type { NestFastifyApplication } from '@nestjs/platform-fastify';

interface Answering {
  getHeader(name: string): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * When the application closes, requests that it has taken are answered before connections are cut; new ones get a 503. Event streams
 * are not waited for: they have no end, and their readers connect again.
 * @param limitMs How long the slowest one may take.
 */
export function answerBeforeClosing(app: NestFastifyApplication, limitMs: number): void {
  const open = new Set<Answering>();
  let onClose: () => void = () => undefined;
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (_request, reply, done) => {
    const { raw } = reply;
    open.add(raw);
    raw.once('close', () => {
      open.delete(raw);
      onClose();
    });
    done();
  });
  server.addHook('preClose', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    onClose = () => {
      if (![...open].some((answer) => !isEventStream(answer))) resolve();
    };
    const limit = setTimeout(resolve, limitMs);
    onClose();
    await promise;
    clearTimeout(limit);
  });
}

export function isEventStream(answer: Pick<Answering, 'getHeader'>): boolean {
  return String(answer.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
