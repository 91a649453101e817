import type { SessionLogMessage } from './session-log-message.js';

export class SessionLog {
  follow(_sessionId: string, _afterSequence: number, _signal: AbortSignal): AsyncIterable<SessionLogMessage> {
    throw new Error('not implemented yet');
  }
  followLifecycles(_signal: AbortSignal): AsyncIterable<SessionLogMessage> {
    throw new Error('not implemented yet');
  }
  lastSequence(_sessionId: string): Promise<number> {
    throw new Error('not implemented yet');
  }
}
