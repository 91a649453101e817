import type { AgentKind, McpSelection } from '@tarsy/contracts';
import type { Configuration } from '../configuration.js';
import type { AgentDefinition } from '../definitions/agents.js';
import type { ChainDefinition, FallbackReference, StageAgentDefinition, StageDefinition, SubAgentReference } from '../definitions/chains.js'; // prettier-ignore
import { DEFAULT_BACKEND, DEFAULT_MAX_ITERATIONS } from './built-in-values.js';
import { fallbackModels, modelReference, nativeToolsOf, ResolutionError } from './models.js';
import type { OrchestratorLimits, ResolvedAgent } from './resolved.js';
import { firstNamed, toolServers } from './tool-servers.js';

const ORCHESTRATOR: OrchestratorLimits = { maxConcurrentAgents: 5, agentTimeoutMs: 420_000, maxBudgetMs: 900_000, maxDepth: 1 }; // prettier-ignore

/** What the levels below the definition settled on. */
export interface AgentChoice {
  readonly definition: string;
  readonly kind: AgentKind;
  readonly provider: string | undefined;
  readonly backend: string | undefined;
  readonly maxIterations: number | undefined;
  readonly forceConclusion: boolean | undefined;
  readonly fallbacks: readonly FallbackReference[];
  readonly serverIds: readonly string[];
  readonly skills: { readonly required: readonly string[]; readonly onDemand: readonly string[] };
  readonly subAgents: readonly ResolvedAgent[];
}

export const NO_SKILLS: AgentChoice['skills'] = { required: [], onDemand: [] };

/** Order of precedence, last one set wins: defaults, agent definition, chain, stage, stage agent. */
export function resolveStageAgent(
  configuration: Configuration,
  chain: ChainDefinition,
  stage: StageDefinition,
  agent: StageAgentDefinition,
  selection: McpSelection | null,
): ResolvedAgent {
  const definition = definitionOf(configuration, agent.name);
  const subAgents = firstNamed(agent.subAgents, stage.subAgents, chain.subAgents);
  const choice: AgentChoice = {
    definition: agent.name,
    kind: kindOf(agent.type ?? definition.type),
    provider: agent.provider ?? chain.provider,
    backend: agent.backend ?? chain.backend,
    maxIterations: agent.maxIterations ?? stage.maxIterations ?? chain.maxIterations,
    forceConclusion: agent.forceConclusion ?? stage.forceConclusion ?? chain.forceConclusion,
    fallbacks: agent.fallbacks ?? stage.fallbacks ?? chain.fallbacks ?? configuration.defaults.fallbacks,
    serverIds: firstNamed(agent.mcpServers, stage.mcpServers, chain.mcpServers, definition.mcpServers),
    skills: skillsOf(configuration, definition, agent),
    subAgents: subAgents.map((reference) => resolveSubAgent(configuration, chain, reference)),
  };
  return resolveAgent(configuration, choice, selection);
}

/** As a stage agent of an empty stage; what an alert brings along does not apply to it. */
export function resolveSubAgent(
  configuration: Configuration,
  chain: ChainDefinition,
  reference: SubAgentReference,
): ResolvedAgent {
  const definition = definitionOf(configuration, reference.name);
  const choice: AgentChoice = {
    definition: reference.name,
    kind: kindOf(definition.type),
    provider: reference.provider ?? chain.provider,
    backend: reference.backend ?? chain.backend,
    maxIterations: reference.maxIterations ?? chain.maxIterations,
    // Nobody answers for a sub-agent that pauses while its parent waits.
    forceConclusion: true,
    fallbacks: chain.fallbacks ?? configuration.defaults.fallbacks,
    serverIds: firstNamed(reference.mcpServers, chain.mcpServers, definition.mcpServers),
    skills: skillsOf(configuration, definition, reference),
    subAgents: [],
  };
  return resolveAgent(configuration, choice, null);
}

/** Fills in what definition, defaults and built-ins say. */
export function resolveAgent(
  configuration: Configuration,
  choice: AgentChoice,
  selection: McpSelection | null,
): ResolvedAgent {
  const { defaults } = configuration;
  const definition = definitionOf(configuration, choice.definition);
  const backend = choice.backend ?? definition.backend ?? defaults.backend ?? DEFAULT_BACKEND;
  const nativeTools = [definition.nativeTools, nativeToolsOf(selection)];
  return {
    name: choice.definition,
    definition: choice.definition,
    kind: choice.kind,
    description: definition.description,
    customInstructions: definition.customInstructions,
    maxIterations: choice.maxIterations ?? definition.maxIterations ?? defaults.maxIterations ?? DEFAULT_MAX_ITERATIONS,
    forceConclusion: choice.forceConclusion ?? defaults.forceConclusion,
    model: modelReference(configuration, choice.provider ?? defaults.provider, backend, ...nativeTools),
    fallbackModels: fallbackModels(configuration, choice.fallbacks, ...nativeTools),
    needsNativeTools: Object.values(definition.nativeTools).includes(true),
    toolServers: toolServers(configuration, choice.serverIds, selection),
    skills: choice.skills,
    subAgents: choice.subAgents,
    orchestrator: orchestratorLimits(configuration, definition),
  };
}

/** @throws {ResolutionError} no such agent */
export function definitionOf({ agents }: Configuration, name: string): AgentDefinition {
  const definition = agents[name];
  if (!definition) throw new ResolutionError(`agent "${name}" not found`);
  return definition;
}

/** On demand are all skills, or those that are listed; what is required is not offered again. */
export function skillsOf(
  { skills }: Configuration,
  definition: AgentDefinition,
  added: { readonly requiredSkills: readonly string[]; readonly skills: readonly string[] },
): AgentChoice['skills'] {
  const required = new Set([...definition.requiredSkills, ...added.requiredSkills]);
  const offered = definition.skills ? [...definition.skills, ...added.skills] : Object.keys(skills);
  return { required: [...required], onDemand: [...new Set(offered)].filter((name) => !required.has(name)) };
}

function orchestratorLimits({ defaults }: Configuration, { orchestrator }: AgentDefinition): OrchestratorLimits {
  const broader = defaults.orchestrator;
  return {
    maxConcurrentAgents: orchestrator.maxConcurrentAgents ?? broader.maxConcurrentAgents ?? ORCHESTRATOR.maxConcurrentAgents, // prettier-ignore
    agentTimeoutMs: orchestrator.agentTimeoutMs ?? broader.agentTimeoutMs ?? ORCHESTRATOR.agentTimeoutMs,
    maxBudgetMs: orchestrator.maxBudgetMs ?? broader.maxBudgetMs ?? ORCHESTRATOR.maxBudgetMs,
    maxDepth: orchestrator.maxDepth ?? broader.maxDepth ?? ORCHESTRATOR.maxDepth,
  };
}

function kindOf(type: AgentDefinition['type']): AgentKind {
  return type === '' ? 'investigation' : type;
}
