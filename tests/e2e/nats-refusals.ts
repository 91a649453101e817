import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whoever finds a stream missing tries to create it, and waits for chain-runner when it may not. */
const MAY_BE_REFUSED = /\$JS\.API\.STREAM\.(CREATE|UPDATE)\./;

/**
 * What services tried on the private NATS of a data folder without the permission, as its log says. Most likely `ACCESS` in
 * libs/contracts lacks a line.
 */
export function natsRefusals(dataDirectory: string): string[] {
  return readFileSync(join(dataDirectory, 'nats', 'nats-server.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('Violation') && !MAY_BE_REFUSED.test(line));
}
