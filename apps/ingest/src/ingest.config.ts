import { codeOf } from '@tarsy/core';
import { InvalidEnvironmentError } from '@tarsy/service';
import { readFileSync } from 'node:fs';

/** Inject the {@link IngestEnvironment}. */
export const INGEST_ENVIRONMENT = Symbol('INGEST_ENVIRONMENT');
/** Inject the `Configuration` of `@tarsy/config`. */
export const CONFIGURATION = Symbol('CONFIGURATION');

export interface IngestEnvironment {
  /** `REDIS_URL`; without it repeated alert groups are recognised by their start time alone. */
  readonly redisUrl: string | undefined;
  /** Namespace of the Redis keys: `TARSY_NAMESPACE`, default `tarsy`. */
  readonly namespace: string;
  /**
   * Bearer tokens that producers may use: `INGEST_TOKEN`, and the lines of the file `INGEST_TOKENS_FILE`, so that a token can be
   * replaced while the old one still works. None: authentication is left to the proxy in front.
   */
  readonly tokens: readonly string[];
  /** Requests handled at once; more are answered with 503. `INGEST_MAX_IN_FLIGHT`, default 1,000. */
  readonly maxInFlight: number;
}

/** @throws {InvalidEnvironmentError} a number is none, or the file with the tokens can not be read */
export function readEnvironment(environment: NodeJS.ProcessEnv): IngestEnvironment {
  const file = environment['INGEST_TOKENS_FILE'];
  const listed = file ? linesOf(file) : [];
  return {
    redisUrl: environment['REDIS_URL'] || undefined,
    namespace: environment['TARSY_NAMESPACE'] || 'tarsy',
    tokens: [environment['INGEST_TOKEN'] ?? '', ...listed].filter(Boolean),
    maxInFlight: maxInFlightOf(environment['INGEST_MAX_IN_FLIGHT'] || '1000'),
  };
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim());
  } catch (error) {
    throw new InvalidEnvironmentError(`INGEST_TOKENS_FILE can not be read: ${codeOf(error)}`, { cause: error });
  }
}

function maxInFlightOf(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidEnvironmentError('INGEST_MAX_IN_FLIGHT must be a whole number above 0');
}
