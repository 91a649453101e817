import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removePostgresData } from '../../tools/cli/src/servers/postgres.js';
import { startServers, type RunningServers } from '../../tools/cli/src/servers/servers.js';
import type { ServerProcess } from '../../tools/cli/src/servers/server-process.js';
import { audit } from './audit.js';
import { calling, ChaosSystem } from './chaos-system.js';

const SESSIONS = 20;
const NAMESPACE = 'restarted';

let folder: string;
let servers: RunningServers;
let chaos: ChaosSystem;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tarsy-chaos-servers-'));
  servers = await startServers(folder, () => undefined, { TARSY_NAMESPACE: NAMESPACE });
  const { natsUrl, natsUrlOf, databaseAdministratorUrl, redisUrl } = servers;
  chaos = await ChaosSystem.start('servers', {
    replicas: { 'agent-worker': 2 },
    namespace: NAMESPACE,
    servers: { natsUrl, natsUrlOf, databaseUrl: databaseAdministratorUrl, redisUrl },
  });
});
afterAll(async () => {
  await chaos.stop();
  await servers.stop();
  rmSync(folder, { recursive: true, force: true });
  removePostgresData(folder);
});

function server(name: string): ServerProcess {
  const found = servers.processes.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no ${name} among ${servers.processes.map((candidate) => candidate.name).join(', ')}`);
  return found;
}

/** Its supervisor starts it again, on the same port and data. */
function kill(name: string): void {
  process.kill(server(name).pid, 'SIGKILL');
}

/** Starts the sessions; resolves once each of them had its second model request, and waits for `goOn` in the middle of that answer. */
async function underWay(goOn: Promise<void>): Promise<{ marker: string; sessionId: string }[]> {
  const sessions = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const marker = chaos.script((mark) => [
        calling({ tool: 'look', key: `${mark}-1` }),
        { text: 'I look closer.', ...calling({ tool: 'look', key: `${mark}-2` }), pieces: 4, gate: { afterChunks: 2, until: goOn } }, // prettier-ignore
        calling({ tool: 'change', key: `${mark}-3` }),
        { text: `Done. ${mark}` },
      ]);
      return { marker, sessionId: await chaos.submit(marker) };
    }),
  );
  await Promise.all(sessions.map(({ marker }) => chaos.model.request(marker, 2)));
  return sessions;
}

async function expectSound(sessions: readonly { marker: string; sessionId: string }[]): Promise<void> {
  for (const { marker, sessionId } of sessions) {
    const session = await chaos.system.eventually(
      () => chaos.system.get<{ status: string }>(`/sessions/${sessionId}`).catch(() => ({ status: 'unreadable' })),
      ({ status }) => ['completed', 'failed', 'timed_out', 'cancelled'].includes(status),
    );
    expect(session.status).toBe('completed');
    expect(await audit(chaos, sessionId, marker)).toEqual([]);
  }
}

describe(`${SESSIONS} running sessions`, () => {
  it('survive a nats-server that is killed and started again', async () => {
    const goOn = Promise.withResolvers<void>();
    const sessions = await underWay(goOn.promise);
    kill('nats-server');
    goOn.resolve();
    await expectSound(sessions);
  });

  it('survive a PostgreSQL that is killed and started again', async () => {
    const goOn = Promise.withResolvers<void>();
    const sessions = await underWay(goOn.promise);
    kill('postgresql');
    goOn.resolve();
    await expectSound(sessions);
  });

  it('do not notice that Redis hangs for a minute, comes back, and is away', async () => {
    const { pid } = server('redis');
    process.kill(pid, 'SIGSTOP');
    const aMinute = delay(60_000);
    await expectSound(await underWay(Promise.resolve()));
    await aMinute;
    await expectSound(await underWay(Promise.resolve()));
    process.kill(pid, 'SIGCONT');
    await expectSound(await underWay(Promise.resolve()));
    await server('redis').stop();
    await expectSound(await underWay(Promise.resolve()));
  });
});
