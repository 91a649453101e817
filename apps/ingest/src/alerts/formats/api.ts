import { mcpSelectionSchema } from '@tarsy/contracts';
import { z } from 'zod';
import { AlertRefusedError, invalidField } from '../alerts.errors.js';
import type { AlertFormat } from './alert-format.js';
import { severityOf } from './severity.js';

export const LARGEST_ALERT_BYTES = 1024 ** 2;

const bodySchema = z.object({
  data: z.string().optional(),
  alert_type: z.string().optional(),
  runbook: z.string().optional(),
  mcp: mcpSelectionSchema.nullish(),
  slack_message_fingerprint: z.string().optional(),
  severity: z.string().optional(),
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
  const { data, alert_type, runbook, mcp, slack_message_fingerprint, severity } = result.data;
  if (!data) throw new AlertRefusedError('data field is required');
  if (Buffer.byteLength(data) > LARGEST_ALERT_BYTES)
    throw new AlertRefusedError(`alert data exceeds the limit of ${LARGEST_ALERT_BYTES} bytes`, 413);
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
      ...(slack_message_fingerprint ? { slackMessageFingerprint: slack_message_fingerprint } : {}),
    },
    resolution: undefined,
    accepted: 1,
  };
};

/** First line that says something. */
function titleOf(data: string): string {
  const line =
    data
      .split('\n', 20)
      .map((text) => text.trim())
      .find(Boolean) ?? '';
  return line.slice(0, 200);
}
