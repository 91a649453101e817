import { MINIMUM_SERVER_VERSION } from '@tarsy/contracts';
import { UnsupportedServerError } from './messaging.errors.js';

/** @throws {UnsupportedServerError} `found` is older than {@link MINIMUM_SERVER_VERSION}, or no version at all */
export function assertSupportedServer(found: string | undefined): void {
  if (found !== undefined && isAtLeast(found, MINIMUM_SERVER_VERSION)) return;
  throw new UnsupportedServerError(
    `NATS server ${found ?? '(unknown version)'} is too old: it silently ignores delayed messages and per-message ` +
      `time to live. Install nats-server ${MINIMUM_SERVER_VERSION} or newer (https://nats.io/download).`,
  );
}

function isAtLeast(version: string, minimum: string): boolean {
  const [found, wanted] = [numbersOf(version), numbersOf(minimum)];
  for (const [position, number] of wanted.entries()) {
    const other = found[position] ?? -1;
    if (other !== number) return other > number;
  }
  return true;
}

/** `2.12.0-RC.1` counts as 2.12.0. */
function numbersOf(version: string): number[] {
  return (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').filter(Boolean).map(Number);
}
