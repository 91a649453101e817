import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, isRunning } from './process-identity.js';
import { ProcessRecord } from './process-record.js';

let folder: string;
let children: ChildProcess[];
const said: string[] = [];
const say = (text: string): void => void said.push(text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarsy-record-'));
  children = [];
  said.length = 0;
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function sleeper(): { pid: number; startTime: string; name: string; stopSignal: 'SIGTERM' } {
  const child = spawn('sleep', ['60']);
  children.push(child);
  return { ...identityOf(child.pid!)!, name: 'worker-1', stopSignal: 'SIGTERM' };
}

describe(ProcessRecord.name, () => {
  it('ends what was recorded, but no other process that has its number by now', async () => {
    const record = new ProcessRecord(folder);
    const [left, other] = [sleeper(), sleeper()];
    record.write([left, { ...other, startTime: 'earlier' }]);
    expect(record.isOwnerRunning).toBe(true);
    expect(await record.stopLeftovers(say)).toBe(1);
    expect([isRunning(left), isRunning(other)]).toEqual([false, true]);
    expect(said).toEqual([expect.stringContaining(`worker-1 (pid ${left.pid})`)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes a record that can not be read for none', async () => {
    writeFileSync(join(folder, 'processes.json'), '{"owner":');
    const record = new ProcessRecord(folder);
    expect(record.isOwnerRunning).toBeUndefined();
    expect(await record.stopLeftovers(say)).toBe(0);
  });
});
