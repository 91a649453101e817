import { isMaskingGroup, isMaskingPattern } from '@tarsy/masking';
import type { Configuration } from './configuration.js';
import type { Problem } from './problems.js';

type Report = (component: string, id: string, field: string, message: string) => void;

/** References between entries, all of them checked. */
export function validateReferences(configuration: Omit<Configuration, 'warnings'>): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (component, id, field, message) =>
    problems.push({ severity: 'error', file: 'tarsy.yaml', component, id, field, message });
  checkAgents(configuration, report);
  checkServers(configuration, report);
  checkChains(configuration, report);
  checkDefaults(configuration, report);
  return problems;
}

type Checked = Omit<Configuration, 'warnings'>;

function checkAgents({ agents, mcpServers }: Checked, report: Report): void {
  for (const [id, agent] of Object.entries(agents))
    agent.mcpServers.forEach((server, index) => {
      if (!mcpServers[server]) report('agents', id, `mcp_servers.${index}`, unknown('MCP server', server, mcpServers));
    });
}

function checkServers({ mcpServers }: Checked, report: Report): void {
  for (const [id, { masking }] of Object.entries(mcpServers)) {
    if (!masking.enabled) continue;
    for (const group of masking.patternGroups)
      if (!isMaskingGroup(group)) report('mcp_servers', id, 'data_masking.pattern_groups', `"${group}" is not a built-in pattern group`); // prettier-ignore
    for (const pattern of masking.patterns)
      if (!isMaskingPattern(pattern)) report('mcp_servers', id, 'data_masking.patterns', `"${pattern}" is not a built-in pattern`); // prettier-ignore
  }
}

function checkChains(configuration: Checked, report: Report): void {
  const { agents, chains, llmProviders, mcpServers } = configuration;
  const owners = new Map<string, string>();
  for (const [id, chain] of Object.entries(chains)) {
    for (const type of chain.alertTypes) {
      const owner = owners.get(type);
      if (owner) report('agent_chains', id, 'alert_types', `alert type "${type}" already belongs to chain "${owner}"`);
      owners.set(type, id);
    }
    const provider = (field: string, name: string | undefined): void => {
      if (name && !llmProviders[name]) report('agent_chains', id, field, unknown('LLM provider', name, llmProviders));
    };
    const servers = (field: string, names: readonly string[] | undefined): void =>
      names?.forEach((name) => {
        if (!mcpServers[name]) report('agent_chains', id, field, unknown('MCP server', name, mcpServers));
      });
    provider('llm_provider', chain.provider);
    servers('mcp_servers', chain.mcpServers);
    chain.stages.forEach((stage, stageIndex) =>
      stage.agents.forEach((agent, agentIndex) => {
        const field = `stages.${stageIndex}.agents.${agentIndex}`;
        if (!agents[agent.name]) report('agent_chains', id, `${field}.name`, unknown('agent', agent.name, agents));
        provider(`${field}.llm_provider`, agent.provider);
        servers(`${field}.mcp_servers`, agent.mcpServers);
      }),
    );
  }
}

function checkDefaults({ defaults, system }: Checked, report: Report): void {
  const { alertMasking } = defaults;
  if (alertMasking.enabled && !isMaskingGroup(alertMasking.patternGroup))
    report(
      'defaults',
      '',
      'alert_masking.pattern_group',
      `"${alertMasking.patternGroup}" is not a built-in pattern group`,
    );
  if (system.runbooks.repositoryUrl && !URL.canParse(system.runbooks.repositoryUrl))
    report('system', '', 'runbooks.repo_url', 'must be a URL');
  if (system.slack.enabled && !system.slack.channel)
    report('system', '', 'slack.channel', 'is required when Slack is enabled');
}

function unknown(kind: string, name: string, known: object): string {
  return `${kind} "${name}" is not defined; known: ${Object.keys(known).sort().join(', ')}`;
}
