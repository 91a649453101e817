import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { identityOf, isRunning, signalProcess } from './process-identity.js';

const child = spawn('sleep', ['60']);

afterEach(() => void child.kill('SIGKILL'));

describe(identityOf.name, () => {
  it('tells a running process from an ended one and from another with its number', async () => {
    const identity = identityOf(child.pid!)!;
    expect(isRunning(identity)).toBe(true);
    expect(identityOf(child.pid!)).toEqual(identity);
    const predecessor = { ...identity, startTime: 'earlier' };
    expect(isRunning(predecessor)).toBe(false);
    expect(signalProcess(predecessor, 'SIGKILL')).toBe(false);
    expect(isRunning(identity)).toBe(true);

    expect(signalProcess(identity, 'SIGTERM')).toBe(true);
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
    expect(signalProcess(identity, 'SIGTERM')).toBe(false);
  });
});
