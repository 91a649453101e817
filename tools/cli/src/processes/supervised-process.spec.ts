import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { identityOf } from './process-identity.js';
import { SupervisedProcess, type SupervisedProcessOptions } from './supervised-process.js';

let folder: string;
let said: string[];
let supervised: SupervisedProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarsy-supervised-'));
  said = [];
});
afterEach(async () => {
  await supervised.stop();
  rmSync(folder, { recursive: true, force: true });
});

function supervise(script: string, options: Partial<SupervisedProcessOptions> = {}): SupervisedProcess {
  supervised = new SupervisedProcess({
    name: 'worker-1',
    logFile: join(folder, 'worker-1.log'),
    stopSignal: 'SIGTERM',
    stopMs: 5_000,
    spawn: (log) => spawn('/bin/sh', ['-c', script], { stdio: ['ignore', log, log], detached: true }),
    onChange: () => undefined,
    say: (text) => said.push(text),
    firstRestartMs: 1,
    ...options,
  });
  supervised.start();
  return supervised;
}

const PATIENT = { timeout: 15_000, interval: 5 };

describe(SupervisedProcess.name, () => {
  it('starts a killed process again under a new number and says so', async () => {
    const { pid } = supervise('exec sleep 60');
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect([0, pid]).not.toContain(supervised.pid), PATIENT);
    expect(supervised.restarts).toBe(1);
    expect(said).toEqual([expect.stringMatching(/^worker-1 ended \(SIGKILL\); starting it again in 0.001 s/)]);
  });

  it('doubles the pause as long as the process does not stay', async () => {
    supervise('echo once more; exit 3');
    await vi.waitFor(() => expect(said.length).toBeGreaterThan(3), PATIENT);
    expect(said.slice(0, 4).map((text) => /\((exit \d)\).* in (\S+) s/.exec(text)?.slice(1))).toEqual([
      ['exit 3', '0.001'],
      ['exit 3', '0.002'],
      ['exit 3', '0.004'],
      ['exit 3', '0.008'],
    ]);
    expect(readFileSync(join(folder, 'worker-1.log'), 'utf8')).toMatch(/^(once more\n){4}/);
  });

  it('stops while it waits for the next start', async () => {
    const exited = Promise.withResolvers<void>();
    supervise('exit 1', { firstRestartMs: 3_600_000, onChange: (identity) => identity ?? exited.resolve() });
    await exited.promise;
    await supervised.stop();
    expect(supervised.pid).toBe(0);
  });

  it('kills a process that does not stop in time', async () => {
    supervise('trap "" TERM; echo ready; while :; do sleep 0.01; done', { stopMs: 50 });
    const { pid } = supervised;
    await vi.waitFor(() => expect(readFileSync(join(folder, 'worker-1.log'), 'utf8')).toBe('ready\n'), PATIENT);
    await supervised.stop();
    expect(identityOf(pid)).toBeUndefined();
    expect(said).toEqual([]);
  });

  it('survives a program that is not there', async () => {
    supervise('', { spawn: () => spawn(join(folder, 'missing')) });
    await vi.waitFor(() => expect(said[0]).toMatch(/ENOENT/), PATIENT);
    supervised.kill();
  });
});
