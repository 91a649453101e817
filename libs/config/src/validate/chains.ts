import type { ChainEntry, ScoringEntry, StageEntry, SubAgentsEntry } from '../schema/chains.js';
import type { Path } from '../source/yaml-file.js';
import type { Checked } from './checked.js';
import { isBackend, type References } from './references.js';

export function checkChains(checked: Checked, references: References): void {
  const owners = new Map<string, string>();
  for (const [id, chain] of Object.entries(checked.tarsy.agent_chains)) {
    const path = ['agent_chains', id];
    checkAlertTypes(id, chain, owners, references);
    new ChainCheck(checked, references).chain(path, chain);
  }
}

function checkAlertTypes(
  id: string,
  { alert_types: types }: ChainEntry,
  owners: Map<string, string>,
  { report }: References,
): void {
  const path = ['agent_chains', id, 'alert_types'];
  if (types.length === 0) report.error(path, 'needs at least one alert type');
  for (const [index, type] of types.entries()) {
    const owner = owners.get(type);
    if (type === '') report.error([...path, index], 'must not be empty');
    else if (owner !== undefined && owner !== id)
      report.error([...path, index], `alert type "${type}" already belongs to chain "${owner}"`);
    owners.set(type, owner ?? id);
  }
}

class ChainCheck {
  constructor(
    private readonly checked: Checked,
    private readonly references: References,
  ) {}

  chain(path: Path, chain: ChainEntry): void {
    const { references } = this;
    references.provider([...path, 'llm_provider'], chain.llm_provider);
    references.fallbacks([...path, 'fallback_providers'], chain.fallback_providers);
    references.servers([...path, 'mcp_servers'], chain.mcp_servers);
    this.#subAgents([...path, 'sub_agents'], chain.sub_agents);
    if (chain.llm_backend && !isBackend(chain.llm_backend))
      references.report.warning([...path, 'llm_backend'], `"${chain.llm_backend}" is no backend; sessions of this chain will fail`); // prettier-ignore
    const summarizer = chain.executive_summary_provider;
    if (summarizer && this.checked.providers && !this.checked.providers[summarizer])
      references.report.warning([...path, 'executive_summary_provider'], `LLM provider "${summarizer}" is not defined; summaries will fail`); // prettier-ignore
    if (chain.stages.length === 0) references.report.error([...path, 'stages'], 'needs at least one stage');
    for (const [index, stage] of chain.stages.entries()) this.#stage([...path, 'stages', index], stage, chain);
    this.#chat([...path, 'chat'], chain.chat);
    if (chain.scoring?.enabled) checkScoring([...path, 'scoring'], chain.scoring, references);
  }

  #stage(path: Path, stage: StageEntry, chain: ChainEntry): void {
    const { references } = this;
    const { report } = references;
    if (!stage.name) report.error([...path, 'name'], 'is required');
    if (stage.agents.length === 0) report.error([...path, 'agents'], 'needs at least one agent');
    references.fallbacks([...path, 'fallback_providers'], stage.fallback_providers);
    this.#subAgents([...path, 'sub_agents'], stage.sub_agents);
    for (const [index, id] of stage.mcp_servers.entries())
      if (!this.checked.tarsy.mcp_servers[id])
        report.warning([...path, 'mcp_servers', index], `MCP server "${id}" is not defined; the stage will fail`);
    for (const [index, agent] of stage.agents.entries()) {
      this.#stageAgent([...path, 'agents', index], agent);
      const { defaults } = this.checked.tarsy;
      const fallbacks = agent.fallback_providers ?? stage.fallback_providers ?? chain.fallback_providers ?? defaults.fallback_providers; // prettier-ignore
      if (this.#needsNativeTools(agent.name) && fallbacks?.length && !fallbacks.some(({ backend }) => backend === 'google-native')) // prettier-ignore
        report.warning([...path, 'agents', index], `agent "${agent.name}" needs native tools, but none of its fallback providers is google-native`); // prettier-ignore
    }
    if (stage.synthesis) {
      const below = [...path, 'synthesis'];
      if (stage.synthesis.agent) references.agent([...below, 'agent'], stage.synthesis.agent);
      references.provider([...below, 'llm_provider'], stage.synthesis.llm_provider);
    }
    const types = stage.agents.map(({ name, type }) => type ?? this.checked.tarsy.agents[name]?.type);
    if (types.includes('action') && types.some((type) => type !== 'action'))
      report.warning([...path, 'agents'], 'mixes action agents with others: the stage counts as an investigation');
  }

  #needsNativeTools(name: string): boolean {
    return Object.values(this.checked.tarsy.agents[name]?.native_tools ?? {}).includes(true);
  }

  #stageAgent(path: Path, agent: StageEntry['agents'][number]): void {
    const { references } = this;
    if (agent.name) references.agent([...path, 'name'], agent.name);
    else references.report.error([...path, 'name'], 'is required');
    references.provider([...path, 'llm_provider'], agent.llm_provider);
    references.servers([...path, 'mcp_servers'], agent.mcp_servers);
    this.#subAgents([...path, 'sub_agents'], agent.sub_agents);
    references.fallbacks([...path, 'fallback_providers'], agent.fallback_providers);
    references.skills([...path, 'required_skills'], agent.required_skills);
    references.skills([...path, 'skills'], agent.skills);
  }

  #subAgents(path: Path, entries: SubAgentsEntry): void {
    const { references } = this;
    const { agents } = this.checked.tarsy;
    for (const [index, entry] of entries.entries()) {
      const below = [...path, index];
      const name = typeof entry === 'string' ? entry : entry.name;
      const namePath = typeof entry === 'string' ? below : [...below, 'name'];
      if (!name) references.report.error(namePath, 'is required');
      else if (!agents[name]) references.agent(namePath, name);
      else if (!agents[name].description)
        references.report.error(namePath, `agent "${name}" needs a description to be a sub-agent`);
      if (typeof entry === 'string') continue;
      references.provider([...below, 'llm_provider'], entry.llm_provider);
      references.servers([...below, 'mcp_servers'], entry.mcp_servers);
      references.skills([...below, 'required_skills'], entry.required_skills);
      references.skills([...below, 'skills'], entry.skills);
    }
  }

  #chat(path: Path, chat: ChainEntry['chat']): void {
    if (!chat?.enabled) return;
    const { references } = this;
    if (chat.agent) references.agent([...path, 'agent'], chat.agent);
    else references.report.error([...path, 'agent'], 'is required when chat is enabled');
    references.provider([...path, 'llm_provider'], chat.llm_provider);
    references.backend([...path, 'llm_backend'], chat.llm_backend);
    checkIterations([...path, 'max_iterations'], chat.max_iterations, references);
    this.#subAgents([...path, 'sub_agents'], chat.sub_agents);
  }
}

export function checkScoring(path: Path, scoring: ScoringEntry, references: References): void {
  if (scoring.agent) references.agent([...path, 'agent'], scoring.agent);
  references.provider([...path, 'llm_provider'], scoring.llm_provider);
  references.backend([...path, 'llm_backend'], scoring.llm_backend);
  references.servers([...path, 'mcp_servers'], scoring.mcp_servers);
  checkIterations([...path, 'max_iterations'], scoring.max_iterations, references);
}

function checkIterations(path: Path, iterations: number | undefined, { report }: References): void {
  if (iterations !== undefined && iterations < 1) report.error(path, 'must be at least 1');
}
