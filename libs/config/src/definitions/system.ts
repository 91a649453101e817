import { millisecondsOf } from '../schema/primitives.js';
import type { SystemEntry } from '../schema/system.js';

/** Hosts of runbooks where the configuration names none. */
export const RUNBOOK_DOMAINS = ['github.com', 'raw.githubusercontent.com'];

/** USD for a million tokens. */
export interface ModelRate {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** A price for a time: from `startsAt` (undefined: since ever) until before `endsAt`, in milliseconds since 1970, UTC. */
export interface Promotion extends ModelRate {
  readonly id: string | undefined;
  readonly model: string;
  readonly startsAtMs: number | undefined;
  readonly endsAtMs: number;
}

export interface SystemSettings {
  readonly dashboardUrl: string;
  readonly allowedWebSocketOrigins: readonly string[];
  readonly githubTokenEnv: string;
  readonly runbooks: {
    readonly repositoryUrl: string;
    readonly cacheTtlMs: number;
    readonly allowedDomains: readonly string[];
    readonly allowPrivateAddresses: boolean;
  };
  readonly slack: { readonly enabled: boolean; readonly tokenEnv: string; readonly channel: string };
  readonly costEstimation: {
    readonly enabled: boolean;
    readonly modelRates: Readonly<Record<string, ModelRate>>;
    readonly promotions: readonly Promotion[];
  };
  readonly retentionDays: number;
  readonly retention: { readonly eventTtlMs: number; readonly cleanupIntervalMs: number };
  readonly holidays: readonly { readonly date: string; readonly name: string }[];
}

/** Of an entry that is filled in. */
export function systemSettingsOf(entry: SystemEntry): SystemSettings {
  const { github, runbooks, slack, cost_estimation: costs, retention } = entry;
  return {
    dashboardUrl: entry.dashboard_url,
    allowedWebSocketOrigins: entry.allowed_ws_origins,
    githubTokenEnv: github.token_env,
    runbooks: {
      repositoryUrl: runbooks.repo_url,
      cacheTtlMs: millisecondsOf(runbooks.cache_ttl),
      allowedDomains: runbooks.allowed_domains,
      allowPrivateAddresses: runbooks.allow_private_addresses,
    },
    slack: { enabled: slack.enabled, tokenEnv: slack.token_env, channel: slack.channel },
    costEstimation: {
      enabled: costs.enabled,
      modelRates: Object.fromEntries(Object.entries(costs.model_rates).map(([model, rate]) => [model, rateOf(rate)])),
      promotions: costs.promotions.map((promotion) => ({
        id: promotion.id || undefined,
        model: promotion.model,
        startsAtMs: promotion.start ? instantMs(promotion.start) : undefined,
        endsAtMs: instantMs(promotion.end) ?? 0,
        ...rateOf(promotion),
      })),
    },
    retentionDays: retention.session_retention_days,
    retention: {
      eventTtlMs: millisecondsOf(retention.event_ttl),
      cleanupIntervalMs: millisecondsOf(retention.cleanup_interval),
    },
    holidays: entry.holidays.map(({ date, name }) => ({ date, name })),
  };
}

/** `MM-DD` with a name, on a day that exists in some year. */
export function isHoliday({ date, name }: { date: string; name: string }): boolean {
  const [, month, day] = /^(\d\d)-(\d\d)$/.exec(date) ?? [];
  if (month === undefined || day === undefined || name === '') return false;
  const leapDay = new Date(Date.UTC(2024, Number(month) - 1, Number(day)));
  return leapDay.getUTCMonth() === Number(month) - 1 && leapDay.getUTCDate() === Number(day);
}

/** Milliseconds since 1970 of an RFC 3339 time or a date (midnight UTC); undefined where the text is neither. */
export function instantMs(text: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/i.test(text)
    ? Date.parse(text)
    : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function rateOf(entry: { readonly input_per_million: number; readonly output_per_million: number }): ModelRate {
  return { inputPerMillion: entry.input_per_million, outputPerMillion: entry.output_per_million };
}
