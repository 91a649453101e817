import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppName } from '../e2e/system.js';
import { audit } from './audit.js';
import { calling, ChaosSystem } from './chaos-system.js';

const SESSIONS = 20;
const APPS: readonly AppName[] = ['ingest', 'chain-runner', 'agent-worker', 'mcp-broker', 'stream-gateway'];

let chaos: ChaosSystem;
beforeAll(async () => {
  chaos = await ChaosSystem.start('rolling', { replicas: { ingest: 2, 'agent-worker': 2, 'mcp-broker': 2 } });
});
afterAll(async () => {
  await chaos.stop();
});

it(`a rolling restart of every service under ${SESSIONS} running sessions fails none of them and repeats nothing`, async () => {
  const allRestarted = Promise.withResolvers<void>();
  const sessions = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const marker = chaos.script((mark) => [
        ...Array.from({ length: 6 }, (_, step) => ({
          ...calling({ tool: step % 3 === 2 ? 'change' : 'look', key: `${mark}-${step}` }),
          text: 'I look at the next thing.',
          pieces: 10,
          chunkDelayMs: 100,
        })),
        // Sessions outlast the restarts, whatever the machine's speed.
        { ...calling({ tool: 'look', key: `${mark}-last` }), text: 'Last.', gate: { afterChunks: 1, until: allRestarted.promise } }, // prettier-ignore
        { text: `Done. ${mark}` },
      ]);
      return { marker, sessionId: await chaos.submit(marker) };
    }),
  );
  for (const app of APPS)
    for (const replica of chaos.system.replicas.filter((candidate) => candidate.app === app)) {
      await chaos.system.kill(replica, 'SIGTERM');
      expect(replica.process.exitCode).toBe(0);
      await chaos.system.restart(replica);
    }
  allRestarted.resolve();
  for (const { marker, sessionId } of sessions) {
    expect(await chaos.system.finished(sessionId)).toMatchObject({ status: 'completed' });
    expect(await audit(chaos, sessionId, marker)).toEqual([]);
  }
});
