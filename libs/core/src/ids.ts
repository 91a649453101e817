import { createHash, randomBytes } from 'node:crypto';
import { v5, v7 } from 'uuid';

/** Root of every derived id (RFC 9562 §5.5); drawn once for this project, never to change. */
const NAMESPACE = '6f0c5b1e-0d4e-5c58-9a34-1f7d2b9d6a10';

/** The same UUIDv5 for the same cause, in any process at any time. */
export function derivedId(...cause: readonly (string | number)[]): string {
  return v5(cause.join(':'), NAMESPACE);
}

/** A new UUIDv7: ids sort by time. */
export function newId(nowMs: number = Date.now()): string {
  return v7({ msecs: nowMs, random: randomBytes(16) });
}

/** A UUIDv7 whose random part is derived from `cause`: a producer that repeats itself gets the same id again. */
export function derivedTimeId(timeMs: number, ...cause: readonly string[]): string {
  const digest = createHash('sha256').update(cause.join('\u0000')).digest();
  return v7({ msecs: timeMs, seq: digest.readUInt32BE(16), random: digest.subarray(0, 16) });
}

/** Lower-case hex SHA-256. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
