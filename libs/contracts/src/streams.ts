/** Every JetStream stream of the system, in the order an alert meets them. */
export const STREAM_NAMES = [
  'ALERTS_RAW',
  'ALERTS',
  'TASKS',
  'OUTCOMES',
  'TOOLCALLS',
  'COMMANDS',
  'SESSIONS',
  'CHUNKS',
  'DEADLETTERS',
] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

export interface StreamSettings {
  readonly subjects: readonly string[];
  /** `workqueue`: a message is gone once acknowledged. `limits`: it stays until it is too old. */
  readonly retention: 'workqueue' | 'limits';
  readonly storage: 'file' | 'memory';
  /** Longest stay in milliseconds; 0 is for ever. */
  readonly maxAgeMs: number;
  /** A full stream refuses new messages (`discard: new`), which is how queues push back. -1 is no limit. */
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly discard: 'new' | 'old';
  /** How long a message id is remembered, in milliseconds. */
  readonly duplicateWindowMs: number;
  /** Delayed messages (`Nats-Schedule`), NATS 2.12 or newer: https://docs.nats.io/nats-concepts/jetstream */
  readonly allowSchedules: boolean;
  /** Whether a message may carry its own time to live. */
  readonly allowMessageTtl: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const GIB = 1024 ** 3;

const workQueue = (subject: string, maxMessages: number, maxBytes: number): StreamSettings => ({
  subjects: [subject],
  retention: 'workqueue',
  storage: 'file',
  maxAgeMs: 0,
  maxMessages,
  maxBytes,
  discard: 'new',
  duplicateWindowMs: 10 * MINUTE_MS,
  allowSchedules: false,
  allowMessageTtl: false,
});

/** Subjects are written with the root token `tarsy`; libs/messaging replaces it by the namespace in use. */
export const STREAM_SETTINGS: Readonly<Record<StreamName, StreamSettings>> = {
  ALERTS_RAW: workQueue('tarsy.alerts.raw.>', 1_000_000, 4 * GIB),
  ALERTS: {
    ...workQueue('tarsy.alerts.accepted.>', 1_000_000, 4 * GIB),
    subjects: ['tarsy.alerts.accepted.>', 'tarsy.alerts.resolved.>'],
  },
  TASKS: { ...workQueue('tarsy.tasks.>', 100_000, 4 * GIB), allowSchedules: true },
  OUTCOMES: workQueue('tarsy.outcomes.>', 100_000, GIB),
  TOOLCALLS: workQueue('tarsy.toolcalls.>', 100_000, GIB),
  COMMANDS: { ...workQueue('tarsy.commands.>', 1_000_000, GIB), allowSchedules: true },
  SESSIONS: {
    subjects: ['tarsy.sessions.>', 'tarsy.redeliveries.>'],
    retention: 'limits',
    storage: 'file',
    maxAgeMs: 7 * DAY_MS,
    maxMessages: -1,
    maxBytes: 32 * GIB,
    discard: 'old',
    duplicateWindowMs: 10 * MINUTE_MS,
    allowSchedules: false,
    allowMessageTtl: true,
  },
  CHUNKS: {
    subjects: ['tarsy.chunks.>'],
    retention: 'limits',
    storage: 'memory',
    maxAgeMs: 2 * MINUTE_MS,
    maxMessages: 1_000_000,
    maxBytes: GIB / 4,
    discard: 'old',
    duplicateWindowMs: 1_000,
    allowSchedules: false,
    allowMessageTtl: false,
  },
  DEADLETTERS: {
    subjects: ['tarsy.deadletters.>'],
    retention: 'limits',
    storage: 'file',
    maxAgeMs: 30 * DAY_MS,
    maxMessages: 1_000_000,
    maxBytes: 4 * GIB,
    discard: 'old',
    duplicateWindowMs: 10 * MINUTE_MS,
    allowSchedules: false,
    allowMessageTtl: false,
  },
};

/** Object store for message bodies over the claim-check limit; only libs/messaging reads or writes it. */
export const PAYLOADS_OBJECT_STORE = 'payloads';
/** Bodies larger than this many bytes travel by reference. The server's own limit is 1 MiB by default. */
export const CLAIM_CHECK_BYTES = 256 * 1024;
/** The oldest server that has delayed messages, per-message TTL and atomic batches; older ones silently ignore them. */
export const MINIMUM_SERVER_VERSION = '2.12.0';
