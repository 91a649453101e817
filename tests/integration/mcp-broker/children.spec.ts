import { describe, expect, it } from 'vitest';
import { isAlive } from '../../is-alive.js';
import { eventually, useBrokers } from './fixture.js';

const fixture = useBrokers();

const pidOf = async (server: string): Promise<number> => Number((await fixture.call(server, 'pid')).content);

describe('the children of a broker', () => {
  it('are gone when it stopped', async () => {
    const broker = await fixture.startBroker({ tools: fixture.toolServer() });
    const pid = await pidOf('tools');
    expect(isAlive(pid)).toBe(true);
    await broker.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('are gone too when they do not care about the end of their input', async () => {
    const broker = await fixture.startBroker({ tools: fixture.toolServer({ IGNORE_STDIN_END: 'yes' }) });
    const pid = await pidOf('tools');
    await broker.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('end by themselves when it was killed', async () => {
    const broker = await fixture.spawnBroker({ tools: fixture.toolServer() });
    const pid = await pidOf('tools');
    broker.kill('SIGKILL');
    await eventually(() => !isAlive(pid));
  });

  it('that were killed are started again for the next call', async () => {
    await fixture.startBroker({ tools: fixture.toolServer() });
    const pid = await pidOf('tools');
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));
    expect(await pidOf('tools')).not.toBe(pid);
  });
});
