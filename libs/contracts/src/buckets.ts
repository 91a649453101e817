import { z } from 'zod';

export interface BucketDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  readonly storage: 'file' | 'memory';
  /** Entries vanish this long after their last write, in milliseconds; 0 is never. */
  readonly ttlMs: number;
  /** Largest size of the bucket in bytes. */
  readonly maxBytes: number;
}

const defineBucket = <Schema extends z.ZodType>(bucket: BucketDefinition<Schema>): BucketDefinition<Schema> =>
  Object.freeze(bucket);

const MIB = 1024 ** 2;

export const toolDescriptionSchema = z.object({
  name: z.string(),
  description: z.string().default(''),
  /** JSON Schema of the arguments, as the server gave it. */
  inputSchema: z.record(z.string(), z.unknown()),
  /** MCP annotations; hints of the server, not promises. */
  annotations: z
    .object({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
    })
    .default({}),
});
export type ToolDescription = z.infer<typeof toolDescriptionSchema>;

/** Key: server id. Written by mcp-broker, watched by agent-worker. */
export const toolCatalogue = defineBucket({
  name: 'tool-catalogue',
  schema: z.object({ server: z.string(), tools: z.array(toolDescriptionSchema), updatedAt: z.iso.datetime() }),
  storage: 'file',
  ttlMs: 0,
  maxBytes: 64 * MIB,
});
export type ToolCatalogueEntry = z.infer<typeof toolCatalogue.schema>;

/** Key: server id. Written by mcp-broker after each health check. */
export const serverHealth = defineBucket({
  name: 'server-health',
  schema: z.object({
    server: z.string(),
    healthy: z.boolean(),
    toolCount: z.int().nonnegative(),
    errorMessage: z.string().nullable(),
    checkedAt: z.iso.datetime(),
    /** When `healthy` last changed. */
    changedAt: z.iso.datetime(),
  }),
  storage: 'memory',
  ttlMs: 10 * 60_000,
  maxBytes: 16 * MIB,
});
export type ServerHealth = z.infer<typeof serverHealth.schema>;

/** Key: `<app>.<replica>`. Renewed by every service every 5 s; gone 20 s after it stopped. */
export const servicePresence = defineBucket({
  name: 'service-presence',
  schema: z.object({
    app: z.string(),
    replica: z.string(),
    pid: z.int(),
    version: z.string(),
    startedAt: z.iso.datetime(),
    seenAt: z.iso.datetime(),
    /** Facts for the system page, such as slots in use. */
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  }),
  storage: 'memory',
  ttlMs: 20_000,
  maxBytes: 16 * MIB,
});
export type ServicePresence = z.infer<typeof servicePresence.schema>;

const HOUR_MS = 3_600_000;

/** Key: digest of channel and fingerprint. The thread that a start message began, for later sessions of the fingerprint. Written by notifier. */
export const slackThreads = defineBucket({
  name: 'slack-threads',
  schema: z.object({
    /** Slack's id of the thread: the time stamp of its first message. */
    threadTs: z.string(),
    begunAt: z.iso.datetime(),
  }),
  storage: 'file',
  ttlMs: 24 * HOUR_MS,
  maxBytes: 32 * MIB,
});
export type SlackThread = z.infer<typeof slackThreads.schema>;

/**
 * Key: `<sessionId>.start` or `<sessionId>.end`. What was posted, so that nothing is posted twice. Written by notifier before and
 * after each post; `posting` means that the message may or may not be in Slack.
 */
export const slackMessages = defineBucket({
  name: 'slack-messages',
  schema: z.object({
    state: z.enum(['posting', 'posted']),
    channel: z.string(),
    /** The thread it was sent to; absent for the channel itself. */
    threadTs: z.string().optional(),
    /** Slack's id of the message, once it is known. */
    messageTs: z.string().optional(),
    at: z.iso.datetime(),
  }),
  storage: 'file',
  ttlMs: 48 * HOUR_MS,
  maxBytes: 64 * MIB,
});
export type SlackMessageRecord = z.infer<typeof slackMessages.schema>;

/**
 * Key: `<executionId>.<callId>`. Created by mcp-broker right before it runs a tool that is not safe to repeat: from then on nobody else
 * may run that call, whatever becomes of its broker.
 */
export const toolCallClaims = defineBucket({
  name: 'tool-call-claims',
  schema: z.object({
    /** Which claim this is; tells a broker that an answer got lost that the claim is its own. */
    claimId: z.uuid(),
    /** Position of the request in the stream `TOOLCALLS`. */
    requestSequence: z.int().positive(),
    claimedAt: z.iso.datetime(),
  }),
  storage: 'file',
  ttlMs: 24 * HOUR_MS,
  maxBytes: 256 * MIB,
});
export type ToolCallClaim = z.infer<typeof toolCallClaims.schema>;

/**
 * Key: `<executionId>.<server id in base64url>`. Written by mcp-broker before the first call of an execution to a server that wants to hear
 * when the execution has ended, and removed when it was told.
 */
export const serverSessions = defineBucket({
  name: 'server-sessions',
  schema: z.object({ begunAt: z.iso.datetime() }),
  storage: 'file',
  ttlMs: 7 * 24 * HOUR_MS,
  maxBytes: 64 * MIB,
});
export type ServerSession = z.infer<typeof serverSessions.schema>;

/** Every bucket that exists; libs/messaging creates them at start. */
export const BUCKETS = [
  toolCatalogue,
  serverHealth,
  servicePresence,
  slackThreads,
  slackMessages,
  toolCallClaims,
  serverSessions,
] as const;
