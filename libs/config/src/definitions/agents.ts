import type { AgentEntry, OrchestratorEntry } from '../schema/agents.js';
import { millisecondsOf } from '../schema/primitives.js';

/** Undefined: as broader levels say. */
export interface OrchestratorSettings {
  readonly maxConcurrentAgents: number | undefined;
  readonly agentTimeoutMs: number | undefined;
  readonly maxBudgetMs: number | undefined;
  readonly maxDepth: number | undefined;
}

export interface AgentDefinition {
  readonly type: AgentEntry['type'];
  readonly description: string;
  readonly mcpServers: readonly string[];
  readonly customInstructions: string;
  readonly backend: AgentEntry['llm_backend'];
  readonly maxIterations: number | undefined;
  readonly nativeTools: Readonly<Record<string, boolean>>;
  readonly orchestrator: OrchestratorSettings;
  /** Undefined: every skill there is. */
  readonly skills: readonly string[] | undefined;
  readonly requiredSkills: readonly string[];
}

export function agentDefinitionOf(entry: AgentEntry): AgentDefinition {
  return {
    type: entry.type,
    description: entry.description,
    mcpServers: entry.mcp_servers,
    customInstructions: entry.custom_instructions,
    backend: entry.llm_backend,
    maxIterations: entry.max_iterations,
    nativeTools: entry.native_tools,
    orchestrator: orchestratorSettingsOf(entry.orchestrator),
    skills: entry.skills,
    requiredSkills: entry.required_skills,
  };
}

export function orchestratorSettingsOf(entry: OrchestratorEntry | undefined): OrchestratorSettings {
  return {
    maxConcurrentAgents: entry?.max_concurrent_agents,
    agentTimeoutMs: millisecondsOf(entry?.agent_timeout),
    maxBudgetMs: millisecondsOf(entry?.max_budget),
    maxDepth: entry?.max_depth,
  };
}
