import { isMaskingGroup, isMaskingPattern } from '@tarsy/masking';
import type { McpServerEntry } from '../schema/mcp-servers.js';
import type { Path } from '../source/yaml-file.js';
import type { Checked, Report } from './checked.js';
import type { References } from './references.js';

const TRANSPORTS = ['stdio', 'http', 'sse'];
const LEAST_THRESHOLD_TOKENS = 100;
const LEAST_SUMMARY_TOKENS = 50;

export function checkServers({ tarsy }: Checked, references: References): void {
  for (const [id, server] of Object.entries(tarsy.mcp_servers)) {
    const path = ['mcp_servers', id];
    checkTransport([...path, 'transport'], server.transport, references.report);
    checkMasking([...path, 'data_masking'], server.data_masking, references.report);
    checkSummarization([...path, 'summarization'], server.summarization, references);
  }
}

function checkTransport(path: Path, { type, command, url }: McpServerEntry['transport'], report: Report): void {
  if (!type) report.error([...path, 'type'], 'is required: stdio, http or sse');
  else if (!TRANSPORTS.includes(type)) report.error([...path, 'type'], 'must be stdio, http or sse');
  else if (type === 'stdio' && !command) report.error([...path, 'command'], 'is required for stdio');
  else if (type !== 'stdio' && !url) report.error([...path, 'url'], `is required for ${type}`);
  else if (type !== 'stdio' && !isUnfilled(url) && !URL.canParse(url))
    report.warning([...path, 'url'], 'is no URL; the server can not be reached');
}

function checkMasking(path: Path, masking: McpServerEntry['data_masking'], report: Report): void {
  if (!masking.enabled) return;
  for (const [index, group] of masking.pattern_groups.entries())
    if (!isMaskingGroup(group)) report.error([...path, 'pattern_groups', index], `"${group}" is not a built-in pattern group`); // prettier-ignore
  for (const [index, pattern] of masking.patterns.entries())
    if (!isMaskingPattern(pattern)) report.error([...path, 'patterns', index], `"${pattern}" is not a built-in pattern`); // prettier-ignore
  for (const [index, { pattern, replacement }] of masking.custom_patterns.entries()) {
    const below = [...path, 'custom_patterns', index];
    if (!pattern) report.error([...below, 'pattern'], 'is required');
    if (!replacement) report.error([...below, 'replacement'], 'is required');
  }
}

function checkSummarization(path: Path, summarization: McpServerEntry['summarization'], references: References): void {
  const { report } = references;
  const { enabled, size_threshold_tokens: threshold, summary_max_token_limit: limit } = summarization;
  if (enabled && threshold !== 0 && threshold < LEAST_THRESHOLD_TOKENS)
    report.error([...path, 'size_threshold_tokens'], `must be at least ${LEAST_THRESHOLD_TOKENS}`);
  if (limit !== 0 && limit < LEAST_SUMMARY_TOKENS)
    report.error([...path, 'summary_max_token_limit'], `must be at least ${LEAST_SUMMARY_TOKENS}`);
  if (!enabled && summarization.llm_provider)
    report.error([...path, 'llm_provider'], 'is not allowed while summarization is disabled');
  checkSummarizationModel(path, summarization, references);
}

export function checkSummarizationModel(
  path: Path,
  model: { readonly llm_provider?: string | undefined; readonly llm_backend?: string | undefined },
  references: References,
): void {
  references.provider([...path, 'llm_provider'], model.llm_provider);
  references.backend([...path, 'llm_backend'], model.llm_backend);
  if (model.llm_backend && !model.llm_provider)
    references.report.error([...path, 'llm_backend'], 'needs llm_provider beside it');
}

/** A variable that is filled in elsewhere. */
function isUnfilled(text: string): boolean {
  return text.includes('{{');
}
