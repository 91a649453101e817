import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Replica } from '../e2e/system.js';
import { audit } from './audit.js';
import { calling, ChaosSystem } from './chaos-system.js';
import type { Finding } from './finding.js';
import { persistently } from './kills.js';
import { randomOf, type Random } from './random.js';

/** `./tarsy test --chaos --seeds N` sets these. */
const SEEDS = Number(process.env['TARSY_CHAOS_SEEDS'] ?? '1');
const FIRST_SEED = Number(process.env['TARSY_CHAOS_FIRST_SEED'] ?? '1');
const SESSIONS = 20;
const KILLS = 6;

const findings: Finding[] = [];
let sessionsEnded = 0;
let kills = 0;
let chaos: ChaosSystem;
beforeAll(async () => {
  chaos = await ChaosSystem.start('random', { replicas: { 'chain-runner': 2, 'agent-worker': 2, 'mcp-broker': 2 } });
});
afterAll(async () => {
  const counted = (kind: Finding['kind']): string =>
    `${findings.filter((finding) => finding.kind === kind).length} ${kind}`;
  console.log(
    `seeds ${FIRST_SEED} to ${FIRST_SEED + SEEDS - 1}: ${sessionsEnded} sessions ended, ${kills} processes killed: ${counted('lost')}, ${counted('doubled')}, ${counted('stuck')}`,
  );
  await chaos.stop();
});

/** An investigation of two to six steps that stream for a while, with one to three calls each. */
function randomScript(random: Random): string {
  return chaos.script((mark) => [
    ...Array.from({ length: random.whole(2, 6) }, (_, step) => ({
      text: `Step ${step}: I look at this and at that, and then I go on.`,
      pieces: random.whole(1, 12),
      chunkDelayMs: random.whole(0, 80),
      ...calling(
        ...Array.from({ length: random.whole(1, 3) }, (__, position) => ({
          tool: random.whole(1, 4) === 1 ? ('change' as const) : ('look' as const),
          key: `${mark}-${step}-${position}`,
        })),
      ),
    })),
    { text: `Done. ${mark}`, pieces: 8, chunkDelayMs: random.whole(0, 80) },
  ]);
}

/** Kills a process at a random time, and starts it again after a while as a supervisor would. */
async function killOne(replica: Replica, random: Random): Promise<void> {
  await chaos.system.kill(replica);
  kills++;
  await delay(random.whole(0, 500));
  await chaos.system.restart(replica);
}

const sessionCount = async (): Promise<number> =>
  (await persistently(() => chaos.system.get<{ pagination: { total_items: number } }>('/sessions?page_size=1'))).pagination.total_items; // prettier-ignore

it.for(Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index))(
  `seed %i: with processes killed at any time, ${SESSIONS} sessions lose nothing, double nothing and come to their end`,
  async (seed) => {
    const random = randomOf(seed);
    const found: Finding[] = [];
    const countBefore = await sessionCount();
    const markers = Array.from({ length: SESSIONS }, () => randomScript(random));
    const sessions = Promise.all(
      markers.map(async (marker) => ({ marker, sessionId: await persistently(() => chaos.submit(marker)) })),
    );
    for (let count = 0; count < KILLS; count++) {
      await delay(random.whole(0, 400));
      await killOne(random.oneOf(chaos.system.replicas), random);
    }
    for (const { marker, sessionId } of await sessions) {
      await persistently(() => chaos.system.finished(sessionId));
      sessionsEnded++;
      found.push(...(await audit(chaos, sessionId, marker)));
    }
    const surplus = (await sessionCount()) - countBefore - SESSIONS;
    if (surplus !== 0)
      found.push({ kind: 'doubled', text: `${SESSIONS} alerts became ${SESSIONS + surplus} sessions` });
    findings.push(...found);
    if (SEEDS > 1)
      process.stderr.write(
        `seed ${seed}: ${found.length === 0 ? 'nothing lost, doubled or stuck' : `${found.length} findings`}\n`,
      );
    expect(found).toEqual([]);
  },
);
