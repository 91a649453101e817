import { maskedSections, type Configuration } from '@tarsy/config';
import type { SystemConfiguration } from '@tarsy/contracts';
import { formatDuration, parseDurationMs } from '@tarsy/core';

type Sections = ReturnType<typeof maskedSections>;
type Server = Sections['mcp_servers'][string];

/** Written as people like, shown in the shortest way. */
const DURATIONS =
  /^(poll_interval|poll_interval_jitter|(session|graceful_shutdown|scoring_shutdown|agent)_timeout|orphan_detection_interval|orphan_threshold|heartbeat_interval|cache_ttl|event_ttl|cleanup_interval|max_budget|max_wall_time|timeout)$/;

/** Where prices come from of models that the configuration says nothing of. */
export interface PriceCatalogueState {
  readonly source: 'catalog' | 'snapshot' | 'none';
  readonly entry_count: number;
  readonly last_fetch?: string;
  readonly last_error?: string;
}

/** The configuration in effect, without anything secret, with the keys of the files. */
export function configurationView(
  { effective, skills }: Configuration,
  catalog: PriceCatalogueState,
  nowMs: number,
): SystemConfiguration {
  const { agent_chains: chains, mcp_servers: servers, ...sections } = withShortDurations(maskedSections(effective));
  return {
    ...sections,
    system: {
      ...sections.system,
      cost_estimation: costEstimationView(sections.system.cost_estimation, catalog, nowMs),
    },
    chains,
    mcp_servers: Object.fromEntries(Object.entries(servers).map(([id, server]) => [id, serverView(server)])),
    skills: Object.fromEntries(Object.entries(skills).map(([name, { description }]) => [name, { name, description }])),
  };
}

/** Values of headers and variables are left out, their names stay. */
function serverView({ transport, data_masking: masking, ...rest }: Server): Record<string, unknown> {
  const { type, command, args, url, verify_ssl, timeout, env, custom_headers, session_cleanup_url } = transport;
  return {
    ...rest,
    transport: {
      type,
      ...(command ? { command } : {}),
      ...(args.length > 0 ? { args: ['***'] } : {}),
      ...(url ? { url, verify_ssl } : {}),
      ...(timeout ? { timeout } : {}),
      ...(Object.keys(env).length > 0 ? { env_keys: Object.keys(env).toSorted() } : {}),
      ...(Object.keys(custom_headers).length > 0 ? { custom_header_keys: Object.keys(custom_headers).toSorted() } : {}),
      ...(session_cleanup_url ? { session_cleanup_url } : {}),
      bearer_token_set: transport.bearer_token !== '',
    },
    data_masking: {
      Enabled: masking.enabled,
      PatternGroups: masking.pattern_groups,
      Patterns: masking.patterns,
      CustomPatterns: masking.custom_patterns.map(({ pattern, replacement, description }) => ({
        Pattern: pattern,
        Replacement: replacement,
        Description: description,
      })),
    },
  };
}

function costEstimationView(
  { enabled, model_rates, promotions }: Sections['system']['cost_estimation'],
  catalog: PriceCatalogueState,
  nowMs: number,
): Record<string, unknown> {
  return {
    enabled,
    model_rates,
    promotions: promotions.map(({ id, start, ...promotion }) => ({
      ...(id ? { id } : {}),
      ...promotion,
      ...(start ? { start } : {}),
      status: statusOf(start, promotion.end, nowMs),
    })),
    catalog,
  };
}

function statusOf(start: string, end: string, nowMs: number): 'active' | 'upcoming' | 'expired' {
  if (nowMs >= Date.parse(end)) return 'expired';
  return start !== '' && nowMs < Date.parse(start) ? 'upcoming' : 'active';
}

function withShortDurations<Value>(value: Value, key = ''): Value {
  if (typeof value === 'string') return (DURATIONS.test(key) ? shortened(value) : value) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => withShortDurations(item)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withShortDurations(item, name)])) as Value; // prettier-ignore
}

function shortened(text: string): string {
  return formatDuration(parseDurationMs(text));
}
