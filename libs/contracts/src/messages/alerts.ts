import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { severitySchema } from '../enumerations.js';
import { subjects } from '../subjects.js';

/** Which tool servers, which of their tools, and which native tools one alert may use; replaces the chain's own selection. */
export const mcpSelectionSchema = z.object({
  servers: z.array(z.object({ name: z.string().min(1), tools: z.array(z.string().min(1)).optional() })).default([]),
  native_tools: z
    .object({
      google_search: z.boolean().optional(),
      code_execution: z.boolean().optional(),
      url_context: z.boolean().optional(),
    })
    .optional(),
});
export type McpSelection = z.infer<typeof mcpSelectionSchema>;

/** What one session may use up; absent is no limit. What is over it concludes with what it has. */
export const sessionBudgetSchema = z.object({
  /** Input and output tokens of all its model calls. */
  maxTokens: z.int().positive().optional(),
  maxToolCalls: z.int().positive().optional(),
  /** Estimated, where prices are known. */
  maxCostUsd: z.number().positive().optional(),
  /** Since it was admitted, or let go on after a pause; in milliseconds. */
  maxWallTimeMs: z.number().positive().optional(),
});
export type SessionBudget = z.infer<typeof sessionBudgetSchema>;

/**
 * An alert was checked, masked and given a session. Published by ingest before it answers 202; consumed by chain-runner,
 * which creates the session row. Delivery is at least once: a copy with the same session id must change nothing.
 */
export const alertAccepted = defineMessage({
  name: 'alertAccepted',
  stream: 'ALERTS',
  subject: (alert) => subjects.acceptedAlert(alert.severity, alert.sessionId),
  messageId: (alert) => `${alert.sessionId}:accepted`,
  schema: z.object({
    /** UUIDv7, made by ingest; derived from group and start time where the producer may repeat itself. */
    sessionId: z.uuid(),
    acceptedAt: z.iso.datetime(),
    /** Producer word of the alert format, such as `api` or `alertmanager`. */
    source: z.string(),
    /** Masked text of the alert; opaque. */
    data: z.string().min(1),
    alertType: z.string().min(1),
    chainId: z.string().min(1),
    severity: severitySchema,
    title: z.string(),
    author: z.string().optional(),
    runbookUrl: z.string().optional(),
    mcpSelection: mcpSelectionSchema.optional(),
    budget: sessionBudgetSchema.optional(),
    slackMessageFingerprint: z.string().optional(),
    /** Producer's grouping; a later resolution finds the session by it. */
    groupKey: z.string().optional(),
    fingerprints: z.array(z.string()).default([]),
    labels: z.record(z.string(), z.string()).default({}),
  }),
});
export type AlertAccepted = z.infer<typeof alertAccepted.schema>;

/** A producer says that a group of alerts is over. Recorded on the session that the group belongs to; never starts one. */
export const alertResolved = defineMessage({
  name: 'alertResolved',
  stream: 'ALERTS',
  subject: (resolution) => subjects.resolvedAlert(resolution.groupId),
  messageId: (resolution) => `${resolution.groupId}:${resolution.resolvedAt}:resolved`,
  schema: z.object({
    /** Hex digest of source and group key: one subject token. */
    groupId: z.string().regex(/^[0-9a-f]+$/),
    groupKey: z.string(),
    source: z.string(),
    fingerprints: z.array(z.string()),
    /** Latest `endsAt` of the group. */
    resolvedAt: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
  }),
});
export type AlertResolved = z.infer<typeof alertResolved.schema>;

/**
 * An alert as a producer put it on NATS, on the subject of its format: any JSON, most often without a message id. Consumed by ingest,
 * which tells the format by the subject and derives the session id from the position in the stream.
 */
export const alertRaw = defineMessage({
  name: 'alertRaw',
  stream: 'ALERTS_RAW',
  subject: () => subjects.rawAlert('json'),
  /** Nothing says that two equal alerts are one. */
  messageId: () => crypto.randomUUID(),
  schema: z.unknown(),
});
