import { Injectable } from '@nestjs/common';
import { streamChunkSchema, subjects, type StreamChunk } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { encodeBody, parseBody } from './body.js';
import { Messaging } from './messaging.js';
import { followStream } from './stream-reader.js';

/** Chunks are a courtesy to viewers: one near the server's message limit is left out, the finished turn has it all. */
const LARGEST_CHUNK_BYTES = 900_000;

@Injectable()
export class ChunkPublisher {
  constructor(private readonly messaging: Messaging) {}

  /** Sends without waiting; dropped while NATS is away, so that nothing piles up in memory. Never throws. */
  publish(chunk: StreamChunk): void {
    if (!this.messaging.isConnected()) return;
    try {
      const body = encodeBody(chunk);
      if (body.length > LARGEST_CHUNK_BYTES) return;
      const subject = this.messaging.names.qualify(subjects.chunks(chunk.sessionId, chunk.executionId));
      this.messaging.connection.publish(subject, body);
    } catch (error) {
      this.messaging.logger.debug({ error: messageOf(error) }, 'messaging.chunk-not-sent');
    }
  }
}

@Injectable()
export class ChunkReader {
  constructor(private readonly messaging: Messaging) {}

  /** The stored chunks of the last 2 minutes, then live ones until the signal aborts. Repeats some after a reconnect. */
  async *follow(sessionId: string, signal: AbortSignal): AsyncGenerator<StreamChunk> {
    const messages = followStream(this.messaging, {
      stream: 'CHUNKS',
      filterSubject: subjects.sessionChunks(sessionId),
      fromSequence: 1,
      signal,
      rereadAfterReconnect: true,
    });
    for await (const { subject, data } of messages) {
      try {
        yield parseBody(subject, streamChunkSchema, data);
      } catch (error) {
        this.messaging.logger.warn({ subject, error: messageOf(error) }, 'messaging.chunk-unreadable');
      }
    }
  }
}
