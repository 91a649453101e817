import { createHash, randomFillSync } from 'node:crypto';

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
  return randomHex(16);
}

export function randomSpanId(): string {
  return randomHex(8);
}

const random = Buffer.alloc(4_096);
let randomUsed = random.length;

/** Drawn in advance: every message and request needs an id, and asking for a few bytes costs as much as asking for many. */
function randomHex(bytes: number): string {
  if (randomUsed + bytes > random.length) {
    randomFillSync(random);
    randomUsed = 0;
  }
  randomUsed += bytes;
  return random.toString('hex', randomUsed - bytes, randomUsed);
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
