import { mcpSelectionSchema, type SessionBudget } from '@tarsy/contracts';
import { messageOf, parseDurationMs } from '@tarsy/core';
import { z } from 'zod';
import { AlertRefusedError, invalidField } from '../alerts.errors.js';
import { LIMITS } from '../limits.js';
import type { AlertFormat } from './alert-format.js';
import { severityOf } from './severity.js';
import { titleOf } from './title.js';

const text = (longest: number): z.ZodOptional<z.ZodString> =>
  z.string().max(longest, `must not have more than ${longest} characters`).optional();

const selectionSchema = mcpSelectionSchema.refine(
  ({ servers }) =>
    servers.length <= LIMITS.toolServers &&
    servers.every(({ name, tools = [] }) => name.length <= LIMITS.labelName && tools.length <= LIMITS.tools),
  `must not name more than ${LIMITS.toolServers} servers or ${LIMITS.tools} tools of one`,
);

const durationSchema = z.string().transform((duration, context) => {
  try {
    return parseDurationMs(duration);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
});

/** As `budget` of a chain in the configuration. */
const budgetSchema = z
  .object({
    max_tokens: z.int().positive().optional(),
    max_tool_calls: z.int().positive().optional(),
    max_cost_usd: z.number().positive().optional(),
    max_wall_time: durationSchema.refine((milliseconds) => milliseconds > 0, 'must be positive').optional(),
  })
  .transform((budget): SessionBudget => ({
    ...(budget.max_tokens === undefined ? {} : { maxTokens: budget.max_tokens }),
    ...(budget.max_tool_calls === undefined ? {} : { maxToolCalls: budget.max_tool_calls }),
    ...(budget.max_cost_usd === undefined ? {} : { maxCostUsd: budget.max_cost_usd }),
    ...(budget.max_wall_time === undefined ? {} : { maxWallTimeMs: budget.max_wall_time }),
  }));

const bodySchema = z.object({
  data: z.string().optional(),
  alert_type: text(LIMITS.alertType),
  runbook: text(LIMITS.url),
  mcp: selectionSchema.nullish(),
  slack_message_fingerprint: text(LIMITS.slackText),
  severity: z.string().optional(),
  budget: budgetSchema.nullish(),
});

/** TARSy's own request: opaque text, with optional type, runbook, tool selection and urgency. */
export const parseApiAlert: AlertFormat = (body) => {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new AlertRefusedError('request body must be a JSON object');
  const result = bodySchema.safeParse(body);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw invalidField(issue?.path.join('.') ?? '', issue?.message ?? 'invalid');
  }
  const { data, alert_type, runbook, mcp, slack_message_fingerprint, severity, budget } = result.data;
  if (!data) throw new AlertRefusedError('data field is required');
  if (Buffer.byteLength(data) > LIMITS.dataBytes)
    throw new AlertRefusedError(`alert data exceeds the limit of ${LIMITS.dataBytes} bytes`, 413);
  return {
    alert: {
      source: 'api',
      data,
      alertType: alert_type || undefined,
      isTypeBinding: true,
      severity: severityOf(severity),
      title: titleOf(data),
      labels: {},
      ...(runbook ? { runbookUrl: runbook } : {}),
      ...(mcp ? { mcpSelection: mcp } : {}),
      ...(budget ? { budget } : {}),
      ...(slack_message_fingerprint ? { slackMessageFingerprint: slack_message_fingerprint } : {}),
    },
    resolution: undefined,
    accepted: 1,
  };
};
