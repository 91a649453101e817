import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../cli.errors.js';

/**
 * Asks again until the answer is yes.
 * @throws {CliError} not within `timeoutMs`
 */
export async function until(
  what: string,
  ask: () => boolean | Promise<boolean>,
  { everyMs = 50, timeoutMs = 120_000 } = {},
): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!(await ask())) {
    if (performance.now() > giveUpAtMs) throw new CliError(`${what}: not within ${timeoutMs / 1_000} s`);
    await sleep(everyMs);
  }
}
