import { createHash, randomBytes } from 'node:crypto';

/** Lower-case hex, 32 characters: a session's id is its trace's id, so whoever knows the one can look up the other. */
export function traceIdOfSession(sessionId: string): string {
  const traceId = sessionId.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(traceId) && !/^0+$/.test(traceId) ? traceId : digest(`trace:${sessionId}`, 32);
}

/** What has a span that other processes name as parent before it exists, and that may be written by whoever sees its end. */
export type SpanSubject =
  | { readonly session: string }
  | { readonly stage: string }
  | { readonly execution: string }
  | { readonly execution: string; readonly turn: number }
  | { readonly execution: string; readonly call: string };

/** Lower-case hex, 16 characters: the same for the same subject, in any process at any time. */
export function spanIdOf(subject: SpanSubject): string {
  const parts = Object.entries(subject).map(([kind, id]) => `${kind}=${id}`);
  return digest(parts.join(','), 16);
}

export function randomTraceId(): string {
  return randomBytes(16).toString('hex');
}

export function randomSpanId(): string {
  return randomBytes(8).toString('hex');
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
