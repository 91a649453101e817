import { runbookLookup } from './lookups.js';
import type { StreamName } from './streams.js';
import { subjectFilters, subjects } from './subjects.js';
import {
  serverHealth,
  serverSessions,
  servicePresence,
  slackMessages,
  slackThreads,
  toolCallClaims,
  toolCatalogue,
  type BucketDefinition,
} from './buckets.js';

/** Every application that is a process on NATS. */
export const SERVICE_NAMES = [
  'ingest',
  'chain-runner',
  'agent-worker',
  'mcp-broker',
  'notifier',
  'stream-gateway',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Everybody who may have a NATS user: the services, and `producer`, who puts alerts on NATS itself. */
export const NATS_IDENTITIES = [...SERVICE_NAMES, 'producer'] as const;
export type NatsIdentity = (typeof NATS_IDENTITIES)[number];

/** What one identity does on NATS, and so all that it may do. libs/messaging turns it into the permissions of a NATS user. */
export interface Access {
  /** Patterns of subjects that it puts messages on. */
  readonly publishes: readonly string[];
  /** Patterns of subjects that it listens to beside the streams. */
  readonly listensTo?: readonly string[];
  /** Work queues that it takes messages from, by whatever durable consumers. */
  readonly takesFrom?: readonly StreamName[];
  /** Its durable consumers on the session log, which many follow: those of others are out of its reach. */
  readonly followsAs?: readonly string[];
  /** Streams that it reads without taking anything away. */
  readonly reads?: readonly StreamName[];
  /** Streams that it may cut, or remove single messages from. */
  readonly removesFrom?: readonly StreamName[];
  readonly bucketsRead?: readonly BucketDefinition[];
  readonly bucketsWritten?: readonly BucketDefinition[];
  /** Bodies that travel by reference. */
  readonly payloads?: 'reads' | 'writes';
  /** Sees the consumers of every stream. */
  readonly inspects?: boolean;
  /** Creates and changes streams and buckets. Nobody may delete one: that is for an operator. */
  readonly provisions?: boolean;
}

/** Subjects of the work queues. Whoever puts back what was set aside must be able to put it into any of them. */
const EVERY_QUEUE = [
  subjectFilters.rawAlerts,
  subjectFilters.acceptedAlerts,
  subjectFilters.resolvedAlerts,
  subjectFilters.tasks,
  subjectFilters.outcomes,
  subjectFilters.parked,
  subjectFilters.toolCalls,
  subjectFilters.commands,
];

/** The one table of who does what on NATS. A new message, consumer or bucket has a line here, or it is refused. */
export const ACCESS: Readonly<Record<NatsIdentity, Access>> = {
  producer: { publishes: [subjectFilters.rawAlerts] },
  ingest: {
    publishes: [subjectFilters.acceptedAlerts, subjectFilters.resolvedAlerts],
    takesFrom: ['ALERTS_RAW'],
    payloads: 'writes',
  },
  'chain-runner': {
    publishes: [
      ...EVERY_QUEUE,
      subjectFilters.redeliveries,
      subjectFilters.commandSchedules,
      subjectFilters.lifecycles,
      subjectFilters.mailboxes,
      subjectFilters.replies,
    ],
    takesFrom: ['ALERTS', 'OUTCOMES', 'COMMANDS'],
    followsAs: ['recorder', 'traces'],
    reads: ['SESSIONS', 'DEADLETTERS'],
    removesFrom: ['SESSIONS', 'DEADLETTERS'],
    payloads: 'writes',
    provisions: true,
  },
  'agent-worker': {
    publishes: [
      subjectFilters.outcomes,
      subjectFilters.parked,
      subjectFilters.toolCalls,
      subjectFilters.journals,
      subjectFilters.chunks,
      subjects.command('dispatch-agent'),
      subjects.command('cancel-agent'),
      subjects.command('steer-agent'),
    ],
    listensTo: [subjectFilters.toolResultNotices, subjectFilters.mailboxes],
    takesFrom: ['TASKS'],
    reads: ['SESSIONS'],
    bucketsRead: [toolCatalogue, serverHealth],
    payloads: 'writes',
  },
  'mcp-broker': {
    publishes: [subjectFilters.toolResults, subjectFilters.toolResultNotices, subjectFilters.answers],
    listensTo: [runbookLookup.subject],
    takesFrom: ['TOOLCALLS'],
    followsAs: ['mcp-broker'],
    reads: ['SESSIONS'],
    bucketsRead: [toolCallClaims, toolCatalogue, serverHealth, serverSessions],
    bucketsWritten: [toolCallClaims, toolCatalogue, serverHealth, serverSessions],
    payloads: 'writes',
  },
  notifier: {
    publishes: [],
    followsAs: ['notifier'],
    reads: ['SESSIONS'],
    bucketsRead: [slackMessages, slackThreads],
    bucketsWritten: [slackMessages, slackThreads],
    payloads: 'reads',
  },
  'stream-gateway': {
    publishes: [subjectFilters.commands, runbookLookup.subject],
    listensTo: [subjectFilters.replies, subjectFilters.answers],
    reads: ['ALERTS', 'SESSIONS', 'CHUNKS', 'DEADLETTERS'],
    bucketsRead: [toolCatalogue, serverHealth, servicePresence],
    payloads: 'reads',
    inspects: true,
  },
};
