import type { McpSelection } from '@tarsy/contracts';
import type { Configuration } from '../configuration.js';
import type { ChainDefinition, FallbackReference, StageDefinition } from '../definitions/chains.js';
import { definitionOf, NO_SKILLS, resolveAgent, resolveSubAgent, skillsOf, type AgentChoice } from './agents.js';
import type { ResolvedAgent } from './resolved.js';
import { firstNamed } from './tool-servers.js';

/** One call without tools, always by the same agent. */
export function resolveExecutiveSummary(configuration: Configuration, chain: ChainDefinition): ResolvedAgent {
  const choice: AgentChoice = {
    ...withoutTools('ExecSummaryAgent', 'exec_summary', chainFallbacks(configuration, chain)),
    provider: chain.executiveSummaryProvider ?? chain.provider,
    backend: chain.backend,
  };
  return { ...resolveAgent(configuration, choice, null), customInstructions: '' };
}

/** Provider and backend as those of a stage agent, with the stage's `synthesis` on top. */
export function resolveSynthesis(
  configuration: Configuration,
  chain: ChainDefinition,
  stage: StageDefinition,
): ResolvedAgent {
  const { agent, provider, backend } = stage.synthesis;
  const fallbacks = stage.fallbacks ?? chainFallbacks(configuration, chain);
  return resolveAgent(
    configuration,
    {
      ...withoutTools(agent, 'synthesis', fallbacks),
      provider: provider ?? chain.provider,
      backend: backend ?? chain.backend,
    },
    null,
  );
}

/** Null where the chain has switched chat off. */
export function resolveChat(
  configuration: Configuration,
  chain: ChainDefinition,
  selection: McpSelection | null,
): ResolvedAgent | null {
  const { chat } = chain;
  if (!chat.enabled) return null;
  const definition = definitionOf(configuration, chat.agent);
  const choice: AgentChoice = {
    definition: chat.agent,
    kind: 'chat',
    provider: chat.provider ?? chain.provider,
    backend: chat.backend ?? chain.backend,
    maxIterations: chat.maxIterations ?? chain.maxIterations,
    forceConclusion: true,
    fallbacks: chainFallbacks(configuration, chain),
    serverIds: firstNamed(chat.mcpServers, chain.mcpServers, serversOfStages(configuration, chain), definition.mcpServers), // prettier-ignore
    skills: skillsOf(configuration, definition, { requiredSkills: [], skills: [] }),
    subAgents: firstNamed(chat.subAgents, chain.subAgents).map((item) => resolveSubAgent(configuration, chain, item)),
  };
  return resolveAgent(configuration, choice, selection);
}

/** The chain-wide backend does not apply; tool servers are recorded only: scoring runs without tools. */
export function resolveScoring(configuration: Configuration, chain: ChainDefinition): ResolvedAgent {
  const { scoring: broader } = configuration.defaults;
  const { scoring } = chain;
  const name = scoring.agent ?? broader.agent ?? 'ScoringAgent';
  const definition = definitionOf(configuration, name);
  const choice: AgentChoice = {
    ...withoutTools(name, 'scoring', chainFallbacks(configuration, chain)),
    provider: scoring.provider ?? chain.provider ?? broader.provider,
    backend: scoring.backend ?? broader.backend,
    maxIterations: scoring.maxIterations ?? chain.maxIterations,
    serverIds: firstNamed(scoring.mcpServers, chain.mcpServers, definition.mcpServers),
  };
  return resolveAgent(configuration, choice, null);
}

function withoutTools(
  definition: string,
  kind: AgentChoice['kind'],
  fallbacks: readonly FallbackReference[],
): AgentChoice {
  return {
    definition,
    kind,
    fallbacks,
    provider: undefined,
    backend: undefined,
    maxIterations: 1,
    forceConclusion: true,
    serverIds: [],
    skills: NO_SKILLS,
    subAgents: [],
  };
}

function chainFallbacks({ defaults }: Configuration, chain: ChainDefinition): readonly FallbackReference[] {
  return chain.fallbacks ?? defaults.fallbacks;
}

/** What the stages, their agents and the definitions of these use, each once. */
function serversOfStages({ agents }: Configuration, { stages }: ChainDefinition): string[] {
  const all = stages.flatMap((stage) => [
    ...stage.mcpServers,
    ...stage.agents.flatMap(({ name, mcpServers }) => [...mcpServers, ...(agents[name]?.mcpServers ?? [])]),
  ]);
  return [...new Set(all)];
}
