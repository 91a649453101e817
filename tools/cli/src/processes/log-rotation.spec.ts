import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rotateLog } from './log-rotation.js';

const LIMITS = { largestBytes: 10, oldLogs: 2 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarsy-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe(rotateLog.name, () => {
  it('bounds a log under a writer that keeps it open, and keeps the newest lines', () => {
    const file = join(folder, 'worker.log');
    const log = openSync(file, 'a');
    for (const line of ['first line\n', 'second line\n', 'third line\n', 'fourth line\n', 'rest\n']) {
      writeSync(log, line);
      rotateLog(file, LIMITS);
    }
    closeSync(log);
    const contents = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])); // prettier-ignore
    expect(contents).toEqual({
      'worker.log': 'rest\n',
      'worker.log.1': 'fourth line\n',
      'worker.log.2': 'third line\n',
    });
  });

  it('leaves a log alone that is not there yet', () => {
    rotateLog(join(folder, 'none.log'), LIMITS);
    expect(readdirSync(folder)).toEqual([]);
  });
});
