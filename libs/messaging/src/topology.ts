import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import {
  BUCKETS,
  PAYLOADS_OBJECT_STORE,
  STREAM_NAMES,
  STREAM_SETTINGS,
  type BucketDefinition,
  type StreamName,
} from '@tarsy/contracts';
import type { Logger } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLimitedByPublisher } from './limited-by-publisher.js';
import { MessagingUnavailableError, UnsupportedServerError } from './messaging.errors.js';
import type { Namespace } from './namespace.js';
import { isPermissionDenied } from './permission-denied.js';

type WantedStream = Partial<StreamConfig> & { name: string; max_bytes: number };

const NAME_IN_USE = 10058;
const NOT_FOUND = new Set<number>([JetStreamApiCodes.StreamNotFound]);
const INSUFFICIENT_RESOURCES = new Set([10023, 10028, 10047]);
const WAIT_BETWEEN_LOOKS_MS = 200;
const DAY_MS = 24 * 3_600_000;
const PAYLOADS_MAX_BYTES = 8 * 1024 ** 3;
/** Where limits add up to exactly what the server has, it refuses even a stream without one; so none is a round number. */
const ODD_BYTES = 1024 ** 2;
/** Bodies outlive every message that may refer to them. */
const PAYLOADS_TTL_MS = Math.max(...Object.values(STREAM_SETTINGS).map(({ maxAgeMs }) => maxAgeMs)) + DAY_MS;

/** What the server must echo; one that does not know a setting drops it without a word. */
const MUST_ECHO = ['allow_msg_schedules', 'allow_msg_ttl', 'allow_direct', 'allow_rollup_hdrs'] as const;

export interface TopologyOptions {
  /** Copies of each stream that is created. */
  readonly replicas: number;
  /** How long a user who may not create streams waits for somebody who may, in milliseconds. */
  readonly waitMs: number;
}

/**
 * Creates or updates everything that the contracts declare. Safe to run from many processes at once. A user without the permission
 * waits for what is missing.
 * @throws {MessagingUnavailableError} nobody created it in time
 * @throws {UnsupportedServerError}
 */
export async function ensureTopology(
  manager: JetStreamManager,
  names: Namespace,
  { replicas, waitMs }: TopologyOptions,
  logger: Logger,
): Promise<void> {
  const giveUpAtMs = Date.now() + waitMs;
  let mayProvision = true;
  // One after another, the smallest first: where the disk is too small for all, it is the largest that goes without a limit.
  for (const wanted of everyStream(names).sort((one, other) => one.max_bytes - other.max_bytes)) {
    const found = await configOf(manager, wanted.name);
    if (found !== undefined && fits(found, wanted)) continue;
    mayProvision &&= await mayEnsureStream(manager, wanted, replicas, logger);
    if (!mayProvision) assertEchoed(wanted, found ?? (await untilThere(manager, wanted.name, giveUpAtMs, logger)));
  }
}

/** Undefined: there is no such stream. */
async function configOf(manager: JetStreamManager, stream: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(stream)).config;
  } catch (error) {
    if (isApiError(error, NOT_FOUND)) return undefined;
    throw error;
  }
}

/** The server leaves out what is off or zero. */
function fits(found: StreamConfig, wanted: WantedStream): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => JSON.stringify(found[name as keyof StreamConfig] || false) === JSON.stringify(value || false),
  );
}

async function untilThere(
  manager: JetStreamManager,
  stream: string,
  giveUpAtMs: number,
  logger: Logger,
): Promise<StreamConfig> {
  logger.info({ stream }, 'messaging.waiting-for-stream');
  for (;;) {
    const found = await configOf(manager, stream);
    if (found !== undefined) return found;
    if (Date.now() > giveUpAtMs)
      throw new MessagingUnavailableError(`stream ${stream} is missing, and this user may not create it`);
    await sleep(WAIT_BETWEEN_LOOKS_MS);
  }
}

/** Removes the namespace's streams and buckets with all they hold; for tests and for `tarsy` commands that start over. */
export async function deleteTopology(manager: JetStreamManager, names: Namespace): Promise<void> {
  await Promise.all(everyStream(names).map(({ name }) => manager.streams.delete(name).catch(() => false)));
}

function everyStream(names: Namespace): WantedStream[] {
  return [
    ...STREAM_NAMES.map((name) => streamConfig(names, name)),
    ...BUCKETS.map((bucket) => bucketConfig(names, bucket)),
    payloadsConfig(names),
  ];
}

/** False: this user may not. */
async function mayEnsureStream(
  ...[manager, wanted, replicas, logger]: Parameters<typeof ensureStream>
): Promise<boolean> {
  try {
    await ensureStream(manager, wanted, replicas, logger);
    return true;
  } catch (error) {
    if (isPermissionDenied(error)) return false;
    throw error;
  }
}

async function ensureStream(
  manager: JetStreamManager,
  wanted: WantedStream,
  replicas: number,
  logger: Logger,
): Promise<void> {
  try {
    assertEchoed(wanted, (await createOrUpdate(manager, wanted, replicas)).config);
  } catch (error) {
    if (!isApiError(error, INSUFFICIENT_RESOURCES)) throw error;
    // A limit in bytes is reserved on disk when the stream is made. Where there is not that much, the server's own limit bounds all
    // streams together, and a full one is reported just the same.
    logger.warn({ stream: wanted.name, wantedBytes: wanted.max_bytes }, 'messaging.stream-without-byte-limit');
    assertEchoed(wanted, (await createOrUpdate(manager, { ...wanted, max_bytes: -1 }, replicas)).config);
  }
}

async function createOrUpdate(
  manager: JetStreamManager,
  wanted: WantedStream,
  replicas: number,
): Promise<{ config: StreamConfig }> {
  try {
    return await manager.streams.add({ ...wanted, num_replicas: replicas });
  } catch (error) {
    if (!isApiError(error, new Set([NAME_IN_USE]))) throw error;
  }
  // The number of replicas stays what it is: an operator may have changed it on the running cluster.
  try {
    return await manager.streams.update(wanted.name, wanted);
  } catch (error) {
    if (!isApiError(error, INSUFFICIENT_RESOURCES)) throw error;
    const { max_bytes: _tooLarge, ...rest } = wanted;
    return await manager.streams.update(wanted.name, rest);
  }
}

/** @throws {UnsupportedServerError} */
function assertEchoed(wanted: WantedStream, found: StreamConfig): void {
  const ignored = MUST_ECHO.filter((setting) => wanted[setting] === true && found[setting] !== true);
  if (ignored.length === 0) return;
  throw new UnsupportedServerError(
    `the NATS server ignored ${ignored.join(', ')} of stream ${wanted.name}; install a newer nats-server`,
  );
}

function isApiError(error: unknown, codes: ReadonlySet<number>): boolean {
  return error instanceof JetStreamApiError && codes.has(error.code);
}

function streamConfig(names: Namespace, name: StreamName): WantedStream {
  const settings = STREAM_SETTINGS[name];
  const isLimitedHere = !isLimitedByPublisher(name);
  return {
    name: names.stream(name),
    subjects: settings.subjects.map((subject) => names.qualify(subject)),
    retention: settings.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    storage: settings.storage === 'memory' ? StorageType.Memory : StorageType.File,
    max_age: nanos(settings.maxAgeMs),
    max_msgs: isLimitedHere ? settings.maxMessages : -1,
    max_bytes: isLimitedHere ? settings.maxBytes - ODD_BYTES : -1,
    discard: settings.discard === 'new' && isLimitedHere ? DiscardPolicy.New : DiscardPolicy.Old,
    duplicate_window: nanos(settings.duplicateWindowMs),
    allow_msg_schedules: settings.allowSchedules,
    allow_msg_ttl: settings.allowMessageTtl,
    allow_direct: true,
  };
}

/** What a key-value bucket is on the server, written out so that an existing one can be updated too. */
function bucketConfig(names: Namespace, bucket: BucketDefinition): WantedStream {
  const name = names.bucket(bucket.name);
  return {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    retention: RetentionPolicy.Limits,
    storage: bucket.storage === 'memory' ? StorageType.Memory : StorageType.File,
    max_age: nanos(bucket.ttlMs),
    max_msgs_per_subject: 1,
    max_bytes: bucket.maxBytes - ODD_BYTES,
    discard: DiscardPolicy.New,
    allow_rollup_hdrs: true,
    allow_direct: true,
    deny_delete: true,
    ...(bucket.ttlMs > 0 ? { allow_msg_ttl: true, subject_delete_marker_ttl: nanos(bucket.ttlMs) } : {}),
  };
}

function payloadsConfig(names: Namespace): WantedStream {
  const name = names.bucket(PAYLOADS_OBJECT_STORE);
  return {
    name: `OBJ_${name}`,
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: nanos(PAYLOADS_TTL_MS),
    max_bytes: PAYLOADS_MAX_BYTES - ODD_BYTES,
    discard: DiscardPolicy.New,
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
}
