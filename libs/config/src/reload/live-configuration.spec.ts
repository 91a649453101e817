import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { directoryWith } from '../configuration.fixture.js';
import { formatProblem } from '../index.js';
import { LiveConfiguration } from './live-configuration.js';

const opened: LiveConfiguration[] = [];

afterEach(() => {
  for (const configuration of opened.splice(0)) {
    configuration.close();
    rmSync(configuration.directory, { recursive: true });
  }
});

function live(directory: string): LiveConfiguration {
  const configuration = new LiveConfiguration({ directory, environment: { HOME: '/nowhere' }, intervalMs: 5 });
  opened.push(configuration);
  return configuration;
}

const sessions = (count: number): string => `queue: { max_concurrent_sessions: ${count} }\n`;
const until = (assertion: () => void): Promise<void> => vi.waitFor(assertion, { timeout: 15_000, interval: 5 });

describe(LiveConfiguration.name, () => {
  it('takes over a changed file and tells who listens', async () => {
    const configuration = live(directoryWith({ tarsy: sessions(1) }));
    const listener = vi.fn();
    configuration.onChange(listener);
    const before = { digest: configuration.digest, queue: configuration.queue };
    writeFileSync(join(configuration.directory, 'tarsy.yaml'), sessions(20));
    await until(() => expect(listener).toHaveBeenCalledTimes(1));
    expect(configuration.queue.maxConcurrentSessions).toBe(20);
    expect(configuration.digest).not.toBe(before.digest);
    expect(before.queue.maxConcurrentSessions).toBe(1);
  });

  it('keeps the last good one while a file has errors, and says which', async () => {
    const configuration = live(directoryWith({ tarsy: sessions(1) }));
    writeFileSync(join(configuration.directory, 'tarsy.yaml'), sessions(-1));
    await until(() => expect(configuration.rejection).toBeDefined());
    expect(configuration.queue.maxConcurrentSessions).toBe(1);
    expect(configuration.rejection?.error.problems.map(formatProblem)).toEqual([
      'tarsy.yaml:1:35: queue.max_concurrent_sessions: must be at least 1',
    ]);
    writeFileSync(join(configuration.directory, 'tarsy.yaml'), sessions(3));
    await until(() => expect(configuration.queue.maxConcurrentSessions).toBe(3));
    expect(configuration.rejection).toBeUndefined();
  });

  it('keeps the last good one while a file is missing', async () => {
    const configuration = live(directoryWith({ tarsy: sessions(2) }));
    unlinkSync(join(configuration.directory, 'llm-providers.yaml'));
    await until(() => expect(configuration.rejection?.error.message).toContain('configuration file not found'));
    expect(configuration.queue.maxConcurrentSessions).toBe(2);
  });

  it('notices skills that come and go', async () => {
    const configuration = live(directoryWith({}));
    mkdirSync(join(configuration.directory, 'skills'));
    writeFileSync(join(configuration.directory, 'skills', 's.md'), '---\nname: s\ndescription: d\n---\nbody');
    await until(() => expect(Object.keys(configuration.skills)).toEqual(['s']));
    rmSync(join(configuration.directory, 'skills', 's.md'));
    await until(() => expect(configuration.skills).toEqual({}));
  });

  it('notices that a mounted ConfigMap was swapped', async () => {
    const directory = directoryWith({ others: { '..one/tarsy.yaml': sessions(1), '..two/tarsy.yaml': sessions(2) } });
    unlinkSync(join(directory, 'tarsy.yaml'));
    symlinkSync('..one', join(directory, '..data'));
    symlinkSync('..data/tarsy.yaml', join(directory, 'tarsy.yaml'));
    const configuration = live(directory);
    expect(configuration.queue.maxConcurrentSessions).toBe(1);
    symlinkSync('..two', join(directory, '..data-new'));
    renameSync(join(directory, '..data-new'), join(directory, '..data'));
    await until(() => expect(configuration.queue.maxConcurrentSessions).toBe(2));
  });
});
