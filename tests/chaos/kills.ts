import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../e2e/system.js';
import type { ChaosSystem } from './chaos-system.js';
import type { Random } from './random.js';

/** When a process is killed. */
export interface Kill {
  readonly replica: Replica;
  /** Model requests of the session that come before; none is as soon as its alert was sent. */
  readonly afterRequests: number;
  readonly delayMs: number;
  /** How long it stays away. */
  readonly awayMs: number;
}

/** Every one of these processes once, at random points of a session that makes so many model requests. */
export function randomKills(replicas: readonly Replica[], requests: number, random: Random): Kill[] {
  return replicas.map((replica) => ({
    replica,
    afterRequests: random.whole(0, requests),
    delayMs: random.whole(0, 150),
    awayMs: random.whole(0, 500),
  }));
}

/** Kills with SIGKILL while the session runs, and starts again as a supervisor would. Resolves when all of them are back. */
export async function carryOut(chaos: ChaosSystem, kills: readonly Kill[], marker: string): Promise<void> {
  await Promise.all(
    kills.map(async ({ replica, afterRequests, delayMs, awayMs }) => {
      if (afterRequests > 0) await chaos.model.request(marker, afterRequests);
      await delay(delayMs);
      await chaos.system.kill(replica);
      await delay(awayMs);
      await chaos.system.restart(replica);
    }),
  );
}

export function textOfKills(kills: readonly Kill[]): string {
  return kills
    .toSorted((one, other) => one.afterRequests - other.afterRequests)
    .map(({ replica, afterRequests, delayMs }) => `${replica.name} at ${afterRequests}+${delayMs} ms`)
    .join(', ');
}

/** What a producer and a browser do while the service that they talk to starts again. */
export async function persistently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await delay(100);
    }
  }
}
