import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { TERMINAL_SESSION_STATUSES, type LiveEvent, type SessionStatusView } from '@tarsy/contracts';
import { Clock, codeOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import type { FastifyReply } from 'fastify';
import { SessionIdPipe } from '../http/session-id.pipe.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { FellBehindError } from './broadcast.js';
import { parseCursorText } from './cursor.js';
import { EventStream } from './event-stream.js';
import { feedEvent, streamFrame, type FeedEvent } from './feed-event.js';
import type { SessionFeed, Viewing } from './session-feed.js';
import { SessionFeeds } from './session-feeds.js';
import { Viewers } from './viewers.js';

const isTerminal = (status: string): boolean => (TERMINAL_SESSION_STATUSES as readonly string[]).includes(status);
const framesOf = (events: readonly FeedEvent[]): string => events.map(streamFrame).join('');

/**
 * Server-sent events of one session: everything from the beginning, or from `Last-Event-ID`, until the session ends. Of one that has ended,
 * until the question about it is answered that is being answered.
 */
@Controller('sessions')
export class SessionStreamController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly feeds: SessionFeeds,
    private readonly viewers: Viewers,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get(':id/stream')
  @ApiExcludeEndpoint()
  async stream(
    @Param('id', SessionIdPipe) sessionId: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query('last_event_id') lastEventIdParameter: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const status = await this.sessions.status(sessionId);
    if (!this.viewers.enter('stream')) {
      void reply.code(503).header('retry-after', '5').send({ message: 'too many viewers' });
      return;
    }
    const resumeAfter = lastEventId ?? lastEventIdParameter;
    try {
      await this.feeds.watch(sessionId, (feed) => this.#serve(feed, status, resumeAfter, reply));
    } finally {
      this.viewers.leave('stream');
    }
  }

  async #serve(
    feed: SessionFeed,
    status: SessionStatusView,
    resumeAfter: string | undefined,
    reply: FastifyReply,
  ): Promise<void> {
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const viewing = await feed.join(parseCursorText(resumeAfter), gone.signal);
    const past = viewing.past[Symbol.asyncIterator]();
    const first = await past.next();
    const isWhole = viewing.isOver || (viewing.isEmpty && isTerminal(status.status));
    if (resumeAfter !== undefined && isWhole && first.done) {
      // The one answer after which an EventSource stops connecting again.
      void reply.code(204).send();
      return;
    }
    reply.hijack();
    const stream = new EventStream(reply.raw, reply.getHeaders());
    try {
      for (let batch = first; !batch.done; batch = await past.next()) await stream.write(framesOf(batch.value));
      await this.#sendRest(stream, viewing, status);
      await stream.write(`event: end\ndata: ${JSON.stringify({ session_id: status.id })}\n\n`);
    } catch (error) {
      // The client connects again with its last id and continues where it was.
      const event = error instanceof FellBehindError ? 'stream.viewer-too-slow' : 'stream.interrupted';
      this.logger.warn({ sessionId: status.id, code: codeOf(error) }, event);
    } finally {
      await past.return?.();
      stream.end();
    }
  }

  async #sendRest(stream: EventStream, viewing: Viewing, status: SessionStatusView): Promise<void> {
    if (viewing.isOver) return;
    if (viewing.isEmpty && isTerminal(status.status)) return this.#sendStatus(stream, status);
    for await (const events of viewing.live) {
      await stream.write(framesOf(events));
      if (isOverAfter(events)) return;
    }
    if (!stream.signal.aborted) throw new Error('the feed ended before the session did');
  }

  /** The log of a session that ended long ago is gone; what is left to say is how it ended. */
  async #sendStatus(stream: EventStream, { id, status }: SessionStatusView): Promise<void> {
    const timestamp = this.clock.nowIso();
    await stream.write(streamFrame(feedEvent({ type: 'session.status', session_id: id, timestamp, status })));
  }
}

/** What the newest of these events that can tell says of the session: it has ended, or a question about it is or was answered. */
function isOverAfter(events: readonly FeedEvent[]): boolean {
  const { event } = events.findLast(({ event }) => event.type === 'session.status' || isAnswer(event)) ?? {};
  return event !== undefined && 'status' in event && isTerminal(event.status);
}

const isAnswer = (event: LiveEvent): boolean => event.type === 'stage.status' && event.stage_type === 'chat';
