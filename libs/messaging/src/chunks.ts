import type { StreamChunk } from '@tarsy/contracts';

export class ChunkPublisher {
  publish(_chunk: StreamChunk): void {
    throw new Error('not implemented yet');
  }
}

export class ChunkReader {
  follow(_sessionId: string, _signal: AbortSignal): AsyncIterable<StreamChunk> {
    throw new Error('not implemented yet');
  }
}
