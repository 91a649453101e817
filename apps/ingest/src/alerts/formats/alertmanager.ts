import { z } from 'zod';
import { AlertRefusedError } from '../alerts.errors.js';
import { boundedLabels, LIMITS, shortened, shortenedName } from '../limits.js';
import type { AlertFormat, ParsedAlert, Resolution } from './alert-format.js';
import { mostUrgent, severityOf } from './severity.js';

const SOURCE = 'alertmanager';
const LATEST_MS = Date.UTC(10_000, 0);

const alertSchema = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.coerce.string()),
  annotations: z.record(z.string(), z.coerce.string()).default({}),
  startsAt: z.string(),
  endsAt: z.string().optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string(),
});
type GroupAlert = z.infer<typeof alertSchema>;

/** Webhook version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
const groupSchema = z.looseObject({
  version: z.literal('4', { error: 'must be "4"' }),
  groupKey: z.string().min(1),
  truncatedAlerts: z.number().default(0),
  groupLabels: z.record(z.string(), z.coerce.string()).default({}),
  commonLabels: z.record(z.string(), z.coerce.string()).default({}),
  commonAnnotations: z.record(z.string(), z.coerce.string()).default({}),
  externalURL: z.string().optional(),
  receiver: z.string().optional(),
  alerts: z.array(z.unknown()).max(LIMITS.alerts, `must not hold more than ${LIMITS.alerts} alerts`),
});
type Group = z.infer<typeof groupSchema>;

/** One session for each group: what fires is investigated, what is resolved is recorded. Status is decided alert by alert. */
export const parseAlertmanagerGroup: AlertFormat = (body, nowMs) => {
  const result = groupSchema.safeParse(body);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new AlertRefusedError(
      `not an Alertmanager webhook of version 4: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(' ')}`,
    );
  }
  const group = result.data;
  // One bad alert in a group does not lose the others.
  const alerts = group.alerts.flatMap((alert) => {
    const parsed = alertSchema.safeParse(alert);
    return parsed.success ? [parsed.data] : [];
  });
  if (alerts.length === 0) throw new AlertRefusedError('the group holds no alert');
  const firing = alerts.filter(({ status }) => status === 'firing');
  const resolved = alerts.filter(({ status }) => status === 'resolved');
  return {
    alert: firing.length > 0 ? alertOf(group, firing, resolved, nowMs) : undefined,
    resolution: resolved.length > 0 ? resolutionOf(group, resolved, nowMs) : undefined,
    accepted: alerts.length,
  };
};

function alertOf(group: Group, firing: GroupAlert[], resolved: GroupAlert[], nowMs: number): ParsedAlert {
  const labels = { ...group.groupLabels, ...group.commonLabels };
  // A label may be there and empty.
  const type = labels['alertname'] || firing[0]?.labels['alertname'];
  const summary = group.commonAnnotations['summary'] || firing[0]?.annotations['summary'];
  const runbookUrl = group.commonAnnotations['runbook_url'];
  return {
    source: SOURCE,
    data: dataOf(group, firing, resolved),
    alertType: type ? shortened(type, LIMITS.alertType) : undefined,
    isTypeBinding: false,
    severity: mostUrgent(firing.map((alert) => severityOf(alert.labels['severity']))),
    title: shortened(summary || type || 'alert', LIMITS.title),
    labels: boundedLabels(labels),
    ...(runbookUrl && runbookUrl.length <= LIMITS.url ? { runbookUrl } : {}),
    group: {
      key: shortenedName(group.groupKey, LIMITS.groupKey),
      fingerprints: fingerprintsOf(firing),
      startedAtMs: Math.min(...firing.map(({ startsAt }) => timeOf(startsAt, nowMs))),
    },
  };
}

/** Everything the producer said, shortened from the end where it would not fit into an alert. */
function dataOf(group: Group, firing: GroupAlert[], resolved: GroupAlert[]): string {
  const { alerts: _alerts, ...about } = group;
  for (let kept = firing.length + resolved.length; ; kept = Math.floor(kept / 2)) {
    const alerts = [...firing, ...resolved];
    const left = alerts.length - kept;
    const text = JSON.stringify(
      { ...about, alerts: alerts.slice(0, kept), ...(left > 0 ? { alertsLeftOut: left } : {}) },
      null,
      2,
    );
    if (Buffer.byteLength(text) <= LIMITS.dataBytes) return text;
    if (kept === 0) return shortened(text, LIMITS.dataBytes / 4);
  }
}

function resolutionOf(group: Group, resolved: GroupAlert[], nowMs: number): Resolution {
  return {
    source: SOURCE,
    groupKey: shortenedName(group.groupKey, LIMITS.groupKey),
    fingerprints: fingerprintsOf(resolved),
    resolvedAtMs: Math.max(...resolved.map(({ endsAt }) => timeOf(endsAt, nowMs))),
  };
}

function fingerprintsOf(alerts: readonly GroupAlert[]): string[] {
  return alerts.map(({ fingerprint }) => shortened(fingerprint, LIMITS.fingerprint));
}

/** Go's zero time means "not yet"; what lies past the year 9999 is no time either. */
function timeOf(text: string | undefined, nowMs: number): number {
  const milliseconds = Date.parse(text ?? '');
  return milliseconds > 0 && milliseconds < LATEST_MS ? milliseconds : nowMs;
}
