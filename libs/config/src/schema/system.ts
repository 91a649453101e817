import { z } from 'zod';
import { positiveDurationSchema, durationSchema } from './primitives.js';

const finiteRate = z.number().min(0, 'must be 0 or more');

export const systemSchema = z
  .looseObject({
    dashboard_url: z.string().default('http://localhost:5173'),
    allowed_ws_origins: z.array(z.string()).default([]),
    github: z.looseObject({ token_env: z.string().default('GITHUB_TOKEN') }).prefault({}),
    runbooks: z
      .looseObject({
        repo_url: z.string().default(''),
        cache_ttl: positiveDurationSchema.prefault('1m'),
        allowed_domains: z.array(z.string().min(1, 'must not be empty')).default([]),
      })
      .prefault({}),
    slack: z
      .looseObject({
        enabled: z.boolean().default(false),
        token_env: z.string().default('SLACK_BOT_TOKEN'),
        channel: z.string().default(''),
      })
      .prefault({}),
    cost_estimation: z
      .looseObject({
        enabled: z.boolean().default(true),
        model_rates: z
          .record(z.string(), z.looseObject({ input_per_million: finiteRate, output_per_million: finiteRate }))
          .default({}),
        promotions: z.array(z.looseObject({ model: z.string(), end: z.string() })).default([]),
      })
      .prefault({}),
    retention: z
      .looseObject({
        session_retention_days: z.int().default(365),
        event_ttl: durationSchema.prefault('1h'),
        cleanup_interval: durationSchema.prefault('12h'),
      })
      .prefault({}),
    holidays: z.array(z.looseObject({ date: z.string(), name: z.string() })).default([]),
  })
  .transform((system) => ({
    dashboardUrl: /^https?:\/\//.test(system.dashboard_url) ? system.dashboard_url : `http://${system.dashboard_url}`,
    allowedWebSocketOrigins: system.allowed_ws_origins,
    githubTokenEnv: system.github.token_env,
    runbooks: {
      repositoryUrl: system.runbooks.repo_url,
      cacheTtlMs: system.runbooks.cache_ttl,
      allowedDomains:
        system.runbooks.allowed_domains.length > 0
          ? system.runbooks.allowed_domains
          : ['github.com', 'raw.githubusercontent.com'],
    },
    slack: { enabled: system.slack.enabled, tokenEnv: system.slack.token_env, channel: system.slack.channel },
    retentionDays: system.retention.session_retention_days > 0 ? system.retention.session_retention_days : 365,
    holidays:
      system.holidays.length > 0
        ? system.holidays.map(({ date, name }) => ({ date, name }))
        : [
            { date: '01-01', name: "New Year's Day" },
            { date: '12-25', name: 'Christmas Day' },
          ],
  }));
export type SystemSettings = z.output<typeof systemSchema>;

/** Keys of TARSy's polling queue are accepted and checked; those that JetStream makes needless have no effect. */
export const queueSchema = z
  .looseObject({
    worker_count: z.int().min(1, 'must be 1 to 50').max(50, 'must be 1 to 50').default(5),
    max_concurrent_sessions: z.int().min(1, 'must be at least 1').default(5),
    poll_interval: positiveDurationSchema.prefault('1s'),
    poll_interval_jitter: durationSchema.prefault('500ms'),
    session_timeout: positiveDurationSchema.prefault('40m'),
    graceful_shutdown_timeout: positiveDurationSchema.prefault('40m'),
    scoring_shutdown_timeout: durationSchema.prefault('3m'),
    orphan_detection_interval: positiveDurationSchema.prefault('5m'),
    orphan_threshold: positiveDurationSchema.prefault('5m'),
    heartbeat_interval: positiveDurationSchema.prefault('30s'),
  })
  .superRefine((queue, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (queue.poll_interval_jitter < 0) issue('poll_interval_jitter', 'must not be negative');
    if (queue.poll_interval_jitter >= queue.poll_interval)
      issue('poll_interval_jitter', 'must be less than poll_interval');
    if (queue.scoring_shutdown_timeout < 0) issue('scoring_shutdown_timeout', 'must not be negative');
    if (queue.heartbeat_interval >= queue.orphan_threshold)
      issue('heartbeat_interval', 'must be less than orphan_threshold');
  })
  .transform((queue) => ({
    /** Sessions in progress at once in the whole deployment. */
    maxConcurrentSessions: queue.max_concurrent_sessions,
    sessionTimeoutMs: queue.session_timeout,
  }));
export type QueueSettings = z.output<typeof queueSchema>;
