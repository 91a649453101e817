import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findBinary, NATS_SERVER } from '../../../tools/cli/src/servers/binaries.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarsy-path-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function putOnPath(name: string, answer: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', folder);
  return path;
}

describe(findBinary.name, () => {
  it('passes a nats-server over that lacks delayed messages, and says which', async () => {
    const path = putOnPath('nats-server', 'nats-server: v2.9.10');
    const { found, tooOld } = await findBinary(NATS_SERVER);
    expect(tooOld).toMatchObject([{ path, version: '2.9.10' }]);
    expect(found?.path).not.toBe(path);
  });

  it('takes the one on PATH when it is new enough', async () => {
    const path = putOnPath('nats-server', 'nats-server: v2.12.0');
    expect(await findBinary(NATS_SERVER)).toMatchObject({ found: { path, version: '2.12.0', origin: 'PATH' } });
  });

  it('passes over what is called nats-server and does not start', async () => {
    const path = join(folder, 'nats-server');
    writeFileSync(path, '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    vi.stubEnv('PATH', folder);
    const { found, tooOld } = await findBinary(NATS_SERVER);
    expect(tooOld).toEqual([]);
    expect(found?.path).not.toBe(path);
  });
});
