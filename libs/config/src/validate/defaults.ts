import { isMaskingGroup } from '@tarsy/masking';
import type { Checked } from './checked.js';
import { checkScoring } from './chains.js';
import { checkSummarizationModel } from './mcp-servers.js';
import { isBackend, type References } from './references.js';

const SERVER_ONLY = ['enabled', 'size_threshold_tokens', 'summary_max_token_limit'] as const;

export function checkDefaults({ tarsy, providers }: Checked, references: References): void {
  const { report } = references;
  const { defaults } = tarsy;
  const { llm_provider: provider, llm_backend: backend, max_iterations: iterations, alert_masking: masking } = defaults;
  // The format lets these through and fails the sessions that need them.
  if (provider && providers && !providers[provider])
    report.warning(['defaults', 'llm_provider'], `LLM provider "${provider}" is not defined; sessions that need it will fail`); // prettier-ignore
  if (backend && !isBackend(backend))
    report.warning(['defaults', 'llm_backend'], `"${backend}" is no backend; sessions that need it will fail`);
  if (iterations !== undefined && iterations < 1)
    report.warning(['defaults', 'max_iterations'], 'must be at least 1 to have an effect');
  references.fallbacks(['defaults', 'fallback_providers'], defaults.fallback_providers);
  if (masking.enabled && !masking.pattern_group)
    report.error(['defaults', 'alert_masking', 'pattern_group'], 'is required when alert masking is enabled');
  else if (masking.enabled && !isMaskingGroup(masking.pattern_group))
    report.error(['defaults', 'alert_masking', 'pattern_group'], `"${masking.pattern_group}" is not a built-in pattern group`); // prettier-ignore
  else if (!masking.enabled && masking.pattern_group)
    report.warning(['defaults', 'alert_masking'], 'alerts are not masked: the block has no "enabled: true"');
  if (defaults.summarization) {
    for (const key of SERVER_ONLY)
      if (defaults.summarization[key] !== undefined)
        report.error(['defaults', 'summarization', key], 'is not allowed here; set it on an MCP server');
    checkSummarizationModel(['defaults', 'summarization'], defaults.summarization, references);
  }
  if (defaults.scoring) checkScoring(['defaults', 'scoring'], { ...defaults.scoring, mcp_servers: [] }, references);
  const isScored =
    defaults.scoring?.enabled || Object.values(tarsy.agent_chains).some(({ scoring }) => scoring?.enabled);
  if (defaults.memory.enabled && !isScored)
    report.warning(['defaults', 'memory', 'enabled'], 'no chain has scoring enabled, so no memories will be created');
}
