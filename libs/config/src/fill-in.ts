import { DEFAULT_SUMMARY_TOKENS, DEFAULT_THRESHOLD_TOKENS } from './definitions/mcp-servers.js';
import { isHoliday, RUNBOOK_DOMAINS } from './definitions/system.js';
import { DEFAULT_BACKEND, DEFAULT_MAX_ITERATIONS } from './resolve/built-in-values.js';
import type { TarsyFile } from './schema/files.js';
import { isDuration, millisecondsOf } from './schema/primitives.js';

type Chain = TarsyFile['agent_chains'][string];
type Server = TarsyFile['mcp_servers'][string];
type System = TarsyFile['system'];

const HOLIDAYS = [
  { date: '01-01', name: "New Year's Day" },
  { date: '12-25', name: 'Christmas Day' },
];

/** What applies where a file leaves something empty, or says what can not be used. */
export function fillIn(tarsy: TarsyFile): TarsyFile {
  const { defaults } = tarsy;
  const iterations = defaults.max_iterations;
  return {
    ...tarsy,
    system: filledSystem(tarsy.system),
    defaults: {
      ...defaults,
      alert_type: defaults.alert_type || 'kubernetes',
      llm_backend: defaults.llm_backend || DEFAULT_BACKEND,
      max_iterations: iterations !== undefined && iterations >= 1 ? iterations : DEFAULT_MAX_ITERATIONS,
    },
    agent_chains: defaults.scoring?.enabled ? mapValues(tarsy.agent_chains, withScoring) : tarsy.agent_chains,
    mcp_servers: mapValues(tarsy.mcp_servers, withSummarizationSizes),
  };
}

function filledSystem(system: System): System {
  const { github, runbooks, slack, retention } = system;
  const holidays = system.holidays.filter(isHoliday);
  const positive = (text: string, otherwise: string): string =>
    isDuration(text) && millisecondsOf(text) > 0 ? text : otherwise;
  return {
    ...system,
    dashboard_url: withScheme(system.dashboard_url || 'http://localhost:5173'),
    github: { ...github, token_env: github.token_env || 'GITHUB_TOKEN' },
    runbooks: {
      ...runbooks,
      cache_ttl: positive(runbooks.cache_ttl, '1m'),
      allowed_domains: runbooks.allowed_domains.length > 0 ? runbooks.allowed_domains : RUNBOOK_DOMAINS,
    },
    slack: { ...slack, token_env: slack.token_env || 'SLACK_BOT_TOKEN' },
    retention: {
      ...retention,
      session_retention_days: retention.session_retention_days > 0 ? retention.session_retention_days : 365,
      event_ttl: positive(retention.event_ttl, '1h'),
      cleanup_interval: positive(retention.cleanup_interval, '12h'),
    },
    holidays: holidays.length > 0 ? holidays : HOLIDAYS,
  };
}

/** `defaults.scoring` switches scoring on for every chain that says nothing about it. */
function withScoring(chain: Chain): Chain {
  return chain.scoring ? chain : { ...chain, scoring: { enabled: true, agent: '', mcp_servers: [] } };
}

function withSummarizationSizes(server: Server): Server {
  const { summarization } = server;
  if (!summarization.enabled) return server;
  return {
    ...server,
    summarization: {
      ...summarization,
      size_threshold_tokens: summarization.size_threshold_tokens || DEFAULT_THRESHOLD_TOKENS,
      summary_max_token_limit: summarization.summary_max_token_limit || DEFAULT_SUMMARY_TOKENS,
    },
  };
}

function withScheme(url: string): string {
  return /^https?:\/\//.test(url) ? url : `http://${url}`;
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
