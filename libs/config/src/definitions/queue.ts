import { millisecondsOf } from '../schema/primitives.js';
import type { QueueEntry } from '../schema/queue.js';

export interface QueueSettings {
  /** Sessions in progress at once in the whole deployment. */
  readonly maxConcurrentSessions: number;
  readonly sessionTimeoutMs: number;
}

export function queueSettingsOf(entry: QueueEntry): QueueSettings {
  return {
    maxConcurrentSessions: entry.max_concurrent_sessions,
    sessionTimeoutMs: millisecondsOf(entry.session_timeout),
  };
}
