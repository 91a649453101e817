import { servicePresence } from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import { Buckets } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PresenceDetails, ServiceIdentity } from './tokens.js';

const EVERY_MS = 5_000;
/** The entry goes by itself 20 s after the last announcement. */
const LEAVE_TIMEOUT_MS = 1_000;

/** Shows in the `service-presence` bucket that this process lives. Returns how to stop, which also removes the entry. */
export function announcePresence(
  identity: ServiceIdentity,
  buckets: Buckets,
  clock: Clock,
  logger: Logger,
  details: PresenceDetails = () => ({}),
): () => Promise<void> {
  const bucket = buckets.open(servicePresence);
  const { app, replica, version, startedAt } = identity;
  // A key may hold no other characters.
  const key = `${app}.${replica}`.replace(/[^\w.=/-]/g, '_');
  const announce = async (): Promise<void> => {
    try {
      const seenAt = clock.nowIso();
      await bucket.put(key, { app, replica, version, startedAt, seenAt, pid: process.pid, details: details() });
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'service.presence-failed');
    }
  };
  void announce();
  const timer = setInterval(() => void announce(), EVERY_MS);
  return async () => {
    clearInterval(timer);
    const leave = bucket.delete(key).catch(() => undefined);
    await Promise.race([leave, sleep(LEAVE_TIMEOUT_MS, undefined, { ref: false })]);
  };
}
