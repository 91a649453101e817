import type { AgentKind, McpSelection, ModelReference, ParallelType, ToolServerSelection } from '@tarsy/contracts';
import { AppError } from '@tarsy/core';
import type { Configuration } from './configuration.js';
import type { AgentDefinition, ChainDefinition, StageAgentDefinition, StageDefinition } from './schema/agents.js';
import type { Backend } from './schema/primitives.js';

const DEFAULT_BACKEND: Backend = 'langchain';
export const DEFAULT_MAX_ITERATIONS = 20;

/** An agent, model or chain that a session needs is not there; the session fails with this message. */
export class ResolutionError extends AppError {
  override readonly code = 'CONFIGURATION_UNRESOLVED';
  override readonly retryable = false;
}

/** Everything that one execution needs to know of the configuration. */
export interface ResolvedAgent {
  readonly name: string;
  readonly kind: AgentKind;
  readonly description: string;
  readonly customInstructions: string;
  readonly maxIterations: number;
  readonly model: ModelReference;
  readonly toolServers: readonly ToolServerSelection[];
}

export interface ResolvedStage {
  readonly name: string;
  readonly type: 'investigation' | 'action';
  readonly successPolicy: 'all' | 'any';
  /** In the order of the configuration; replicas are named `<Agent>-1` and so on. */
  readonly agents: readonly ResolvedAgent[];
  /** Null where one agent runs alone. */
  readonly parallelType: ParallelType | null;
  /** Merges the results of a parallel stage; null where one agent runs alone. */
  readonly synthesis: ResolvedAgent | null;
}

/** What a session will do, resolved once when it is admitted and pinned to it. */
export interface SessionPlan {
  readonly chainId: string;
  readonly stages: readonly ResolvedStage[];
  readonly executiveSummary: ResolvedAgent;
  /** Inline text; the chain's alerts without a runbook of their own use it. */
  readonly defaultRunbook: string;
}

/** @throws {ResolutionError} the chain, an agent, a provider or a server does not exist */
export function resolvePlan(
  configuration: Configuration,
  chainId: string,
  selection: McpSelection | null,
): SessionPlan {
  const chain = configuration.chains[chainId];
  if (!chain) throw new ResolutionError(`chain "${chainId}" not found`);
  return {
    chainId,
    stages: chain.stages.map((stage) => resolveStage(configuration, chain, stage, selection)),
    executiveSummary: resolveExecutiveSummary(configuration, chain),
    defaultRunbook: configuration.defaults.runbook,
  };
}

function resolveStage(
  configuration: Configuration,
  chain: ChainDefinition,
  stage: StageDefinition,
  selection: McpSelection | null,
): ResolvedStage {
  const [first] = stage.agents;
  const named =
    stage.replicas > 1 && first
      ? Array.from({ length: stage.replicas }, (_, index) => ({ agent: first, name: `${first.name}-${index + 1}` }))
      : stage.agents.map((agent) => ({ agent, name: agent.name }));
  const agents = named.map(({ agent, name }) => ({
    ...resolveStageAgent(configuration, chain, stage, agent, selection),
    name,
  }));
  return {
    name: stage.name,
    type: agents.every(({ kind }) => kind === 'action') ? 'action' : 'investigation',
    successPolicy: stage.successPolicy ?? configuration.defaults.successPolicy,
    agents,
    parallelType: agents.length === 1 ? null : stage.replicas > 1 ? 'replica' : 'multi_agent',
    synthesis: agents.length === 1 ? null : resolveSynthesis(configuration, chain, stage),
  };
}

/** As an agent of the stage, with what the `synthesis` block says on top; it has no tools. */
function resolveSynthesis(configuration: Configuration, chain: ChainDefinition, stage: StageDefinition): ResolvedAgent {
  const { agent: name, backend, provider } = stage.synthesis;
  const overrides = { name, type: undefined, backend, provider, maxIterations: undefined, mcpServers: [] };
  const agent = resolveStageAgent(configuration, chain, stage, overrides, null);
  return { ...agent, kind: 'synthesis', toolServers: [] };
}

/** Order of precedence, last one set wins: defaults, agent definition, chain, stage, stage agent. */
function resolveStageAgent(
  configuration: Configuration,
  chain: ChainDefinition,
  stage: StageDefinition,
  agent: StageAgentDefinition,
  selection: McpSelection | null,
): ResolvedAgent {
  const { defaults } = configuration;
  const definition = definitionOf(configuration, agent.name);
  const backend = agent.backend ?? chain.backend ?? definition.backend ?? defaults.backend ?? DEFAULT_BACKEND;
  const provider = agent.provider ?? chain.provider ?? defaults.provider;
  const servers = agent.mcpServers ?? stage.mcpServers ?? chain.mcpServers ?? definition.mcpServers;
  return {
    name: agent.name,
    kind: kindOf(agent.type ?? definition.type),
    description: definition.description,
    customInstructions: definition.customInstructions,
    maxIterations:
      agent.maxIterations ??
      stage.maxIterations ??
      chain.maxIterations ??
      definition.maxIterations ??
      defaults.maxIterations ??
      DEFAULT_MAX_ITERATIONS,
    model: modelReference(configuration, provider, backend, definition),
    toolServers:
      selection && selection.servers.length > 0
        ? selectedServers(configuration, selection)
        : servers.map((id) => toolServer(configuration, id)),
  };
}

function resolveExecutiveSummary(configuration: Configuration, chain: ChainDefinition): ResolvedAgent {
  const definition = definitionOf(configuration, 'ExecSummaryAgent');
  const { defaults } = configuration;
  const backend = chain.backend ?? definition.backend ?? defaults.backend ?? DEFAULT_BACKEND;
  const named = chain.executiveSummaryProvider ?? chain.provider ?? defaults.provider;
  return {
    name: 'ExecSummaryAgent',
    kind: 'exec_summary',
    description: definition.description,
    customInstructions: '',
    maxIterations: 1,
    model: modelReference(configuration, named, backend, definition),
    toolServers: [],
  };
}

function definitionOf(configuration: Configuration, name: string): AgentDefinition {
  const definition = configuration.agents[name];
  if (!definition) throw new ResolutionError(`agent "${name}" not found`);
  return definition;
}

function modelReference(
  configuration: Configuration,
  name: string,
  backend: Backend,
  agent: AgentDefinition,
): ModelReference {
  const provider = configuration.llmProviders[name];
  if (!provider) throw new ResolutionError(`LLM provider "${name}" not found`);
  return { provider: name, ...provider, backend, nativeTools: { ...provider.nativeTools, ...agent.nativeTools } };
}

function toolServer(configuration: Configuration, id: string): ToolServerSelection {
  const server = configuration.mcpServers[id];
  if (!server) throw new ResolutionError(`MCP server "${id}" not found`);
  return { id, instructions: server.instructions };
}

function selectedServers(configuration: Configuration, selection: McpSelection): ToolServerSelection[] {
  return selection.servers.map(({ name, tools }) => ({
    ...toolServer(configuration, name),
    ...(tools && tools.length > 0 ? { tools } : {}),
  }));
}

function kindOf(type: AgentDefinition['type']): AgentKind {
  return type === '' ? 'investigation' : type;
}
