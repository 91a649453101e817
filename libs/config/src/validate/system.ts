import { repositoryFolderOf } from '../definitions/repository-folder.js';
import { instantMs, isHoliday, RUNBOOK_DOMAINS } from '../definitions/system.js';
import { isDuration, millisecondsOf } from '../schema/primitives.js';
import type { SystemEntry } from '../schema/system.js';
import type { Path } from '../source/yaml-file.js';
import type { Checked, Report } from './checked.js';

export function checkSystem({ tarsy: { system } }: Checked, report: Report): void {
  checkRunbooks(system, report);
  if (system.slack.enabled && !system.slack.channel)
    report.error(['system', 'slack', 'channel'], 'is required when Slack is enabled');
  for (const [index, holiday] of system.holidays.entries())
    if (!isHoliday(holiday)) report.warning(['system', 'holidays', index], 'is left out: it needs a date MM-DD and a name'); // prettier-ignore
  for (const key of ['session_retention_days', 'event_ttl', 'cleanup_interval'] as const)
    if (!isPositive(system.retention[key]))
      report.warning(['system', 'retention', key], 'must be positive: the default applies');
  if ('' in system.cost_estimation.model_rates)
    report.error(['system', 'cost_estimation', 'model_rates', ''], 'the model needs a name');
  checkPromotions(system.cost_estimation.promotions, report);
}

function checkRunbooks({ runbooks }: SystemEntry, report: Report): void {
  const path = ['system', 'runbooks'];
  const { repo_url: url, cache_ttl: ttl } = runbooks;
  if (url && !url.includes('{{')) checkRepository([...path, 'repo_url'], runbooks, report);
  if (ttl && !isDuration(ttl)) report.warning([...path, 'cache_ttl'], `"${ttl}" is not a duration; 1m applies`);
  else if (ttl && millisecondsOf(ttl) <= 0) report.error([...path, 'cache_ttl'], 'must be positive');
  for (const [index, domain] of runbooks.allowed_domains.entries())
    if (domain === '') report.error([...path, 'allowed_domains', index], 'must not be empty');
}

function checkRepository(
  path: Path,
  { repo_url: address, allowed_domains: domains }: SystemEntry['runbooks'],
  report: Report,
): void {
  if (!URL.canParse(address)) return report.error(path, 'must be a URL');
  if (!repositoryFolderOf(address))
    return report.warning(path, 'is no folder of a GitHub repository: its runbooks are not listed');
  const host = new URL(address).hostname.replace(/^www\./, '');
  const allowed = domains.length > 0 ? domains : RUNBOOK_DOMAINS;
  if (!allowed.some((domain) => domain.toLowerCase().replace(/^www\./, '') === host))
    report.warning(path, `host "${host}" is not in allowed_domains: its runbooks are not listed`);
}

type PromotionEntry = SystemEntry['cost_estimation']['promotions'][number];
interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

function checkPromotions(promotions: readonly PromotionEntry[], report: Report): void {
  const ids = new Set<string>();
  const windows = new Map<string, Window[]>();
  for (const [index, promotion] of promotions.entries()) {
    const path = ['system', 'cost_estimation', 'promotions', index];
    const { id, model } = promotion;
    if (id && ids.has(id)) report.error([...path, 'id'], `promotion "${id}" is already defined`);
    ids.add(id);
    if (!model) report.error([...path, 'model'], 'is required');
    const window = windowOf(path, promotion, report);
    if (!window || !model) continue;
    const others = windows.get(model) ?? [];
    if (others.some(({ startMs, endMs }) => window.startMs < endMs && startMs < window.endMs))
      report.error(path, `overlaps another promotion of "${model}"`);
    windows.set(model, [...others, window]);
  }
}

function windowOf(path: Path, { start, end }: PromotionEntry, report: Report): Window | undefined {
  const startMs = start ? instantMs(start) : -Infinity;
  const endMs = instantMs(end);
  if (startMs === undefined) report.error([...path, 'start'], 'must be an RFC 3339 time or YYYY-MM-DD');
  if (!end) report.error([...path, 'end'], 'is required');
  else if (endMs === undefined) report.error([...path, 'end'], 'must be an RFC 3339 time or YYYY-MM-DD');
  if (startMs === undefined || endMs === undefined) return undefined;
  if (endMs > startMs) return { startMs, endMs };
  report.error([...path, 'end'], 'must be after start');
  return undefined;
}

function isPositive(value: number | string): boolean {
  return typeof value === 'number' ? value > 0 : isDuration(value) && millisecondsOf(value) > 0;
}
