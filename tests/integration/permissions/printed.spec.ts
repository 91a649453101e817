import { NATS_IDENTITIES } from '@tarsy/contracts';
import { execa } from 'execa';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { NATS_SERVER, obtainBinary } from '../../../tools/cli/src/servers/binaries.js';

const tarsy = fileURLToPath(new URL('../../../tarsy', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tarsy-printed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const printed = async (...options: string[]): Promise<string> =>
  (await execa(tarsy, ['nats', 'permissions', ...options])).stdout;

/** What nats-server says of a configuration that it only checks. */
async function check(configuration: string, environment: Record<string, string>): Promise<{ failed: boolean }> {
  const server = await obtainBinary(NATS_SERVER, () => undefined);
  const file = join(folder, 'authorization.conf');
  writeFileSync(file, configuration);
  return await execa(server.path, ['-t', '-c', file], {
    env: { ...server.environment, ...environment },
    extendEnv: false,
    reject: false,
  });
}

describe('./tarsy nats permissions', () => {
  it('prints what nats-server takes as its configuration, with passwords from its environment', async () => {
    const block = await printed('--namespace', 'team-a');
    const variables = NATS_IDENTITIES.map(
      (identity) => `TARSY_NATS_PASSWORD_${identity.toUpperCase().replace('-', '_')}`,
    );
    const environment = Object.fromEntries(variables.map((name) => [name, `secret-of-${name}`]));
    expect((await check(block, environment)).failed).toBe(false);
    expect((await check(block, {})).failed).toBe(true);
  });

  it('prints the permissions alone for other tools', async () => {
    const users = JSON.parse(await printed('--json')) as Record<string, unknown>;
    expect(Object.keys(users)).toEqual([...NATS_IDENTITIES]);
  });
});
