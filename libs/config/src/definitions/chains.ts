import type { AgentEntry } from '../schema/agents.js';
import type {
  ChainEntry,
  ChatEntry,
  FallbacksEntry,
  ScoringEntry,
  StageAgentEntry,
  StageEntry,
  SubAgentsEntry,
} from '../schema/chains.js';
import { millisecondsOf, textOrAbsent } from '../schema/primitives.js';
import { budgetSettingsOf, type BudgetSettings } from './budget.js';

export interface FallbackReference {
  readonly provider: string;
  readonly backend: string;
}

/** What every level of a chain may say about an agent; undefined, or an empty list, is as broader levels say. */
interface AgentOverrides {
  readonly provider: string | undefined;
  readonly backend: string | undefined;
  readonly maxIterations: number | undefined;
  readonly mcpServers: readonly string[];
}

export interface SubAgentReference extends AgentOverrides {
  readonly name: string;
  readonly requiredSkills: readonly string[];
  readonly skills: readonly string[];
}

export interface StageAgentDefinition extends AgentOverrides {
  readonly name: string;
  readonly type: AgentEntry['type'] | undefined;
  readonly subAgents: readonly SubAgentReference[];
  /** Undefined: as broader levels say; an empty list means none. */
  readonly fallbacks: readonly FallbackReference[] | undefined;
  readonly requiredSkills: readonly string[];
  readonly skills: readonly string[];
  /** Undefined: as broader levels say. */
  readonly forceConclusion: boolean | undefined;
}

export interface StageDefinition {
  readonly name: string;
  readonly agents: readonly StageAgentDefinition[];
  /** At least 1. */
  readonly replicas: number;
  readonly successPolicy: 'all' | 'any' | undefined;
  readonly maxIterations: number | undefined;
  readonly mcpServers: readonly string[];
  readonly subAgents: readonly SubAgentReference[];
  readonly fallbacks: readonly FallbackReference[] | undefined;
  readonly synthesis: {
    readonly agent: string;
    readonly provider: string | undefined;
    readonly backend: string | undefined;
  };
  readonly forceConclusion: boolean | undefined;
  /** Longest time of the stage; undefined: only the session's. */
  readonly timeoutMs: number | undefined;
}

export interface ScoringDefinition extends AgentOverrides {
  readonly enabled: boolean;
  readonly agent: string | undefined;
}

export interface ChatDefinition extends AgentOverrides {
  readonly enabled: boolean;
  readonly agent: string;
  readonly subAgents: readonly SubAgentReference[];
}

export interface ChainDefinition extends AgentOverrides {
  readonly alertTypes: readonly string[];
  readonly description: string;
  readonly stages: readonly StageDefinition[];
  readonly executiveSummaryProvider: string | undefined;
  readonly fallbacks: readonly FallbackReference[] | undefined;
  readonly subAgents: readonly SubAgentReference[];
  readonly chat: ChatDefinition;
  readonly chatEnabled: boolean;
  readonly scoring: ScoringDefinition;
  readonly forceConclusion: boolean | undefined;
  readonly budget: BudgetSettings;
  /** Sessions of this chain in progress at once in the whole deployment; undefined: only the limit of all. */
  readonly maxConcurrentSessions: number | undefined;
}

export function chainDefinitionOf(entry: ChainEntry): ChainDefinition {
  const chat = chatOf(entry.chat);
  return {
    alertTypes: entry.alert_types,
    description: entry.description,
    stages: entry.stages.map(stageOf),
    ...overridesOf(entry),
    executiveSummaryProvider: textOrAbsent(entry.executive_summary_provider),
    fallbacks: fallbacksOf(entry.fallback_providers),
    subAgents: subAgentsOf(entry.sub_agents),
    chat,
    chatEnabled: chat.enabled,
    scoring: scoringOf(entry.scoring),
    forceConclusion: entry.force_conclusion_at_max_iterations,
    budget: budgetSettingsOf(entry.budget),
    maxConcurrentSessions: entry.max_concurrent_sessions,
  };
}

export function fallbacksOf(entries: FallbacksEntry | undefined): FallbackReference[] | undefined {
  return entries?.map(({ provider, backend }) => ({ provider, backend: backend ?? '' }));
}

export function scoringOf(entry: ScoringEntry | undefined): ScoringDefinition {
  return { enabled: entry?.enabled ?? false, agent: textOrAbsent(entry?.agent), ...overridesOf(entry) };
}

function chatOf(entry: ChatEntry | undefined): ChatDefinition {
  return {
    enabled: entry?.enabled ?? true,
    agent: entry?.agent || 'ChatAgent',
    ...overridesOf(entry),
    subAgents: subAgentsOf(entry?.sub_agents),
  };
}

function stageOf(entry: StageEntry): StageDefinition {
  return {
    name: entry.name,
    agents: entry.agents.map(stageAgentOf),
    replicas: Math.max(1, entry.replicas),
    successPolicy: entry.success_policy,
    maxIterations: entry.max_iterations,
    mcpServers: entry.mcp_servers,
    subAgents: subAgentsOf(entry.sub_agents),
    fallbacks: fallbacksOf(entry.fallback_providers),
    synthesis: {
      agent: entry.synthesis?.agent || 'SynthesisAgent',
      provider: textOrAbsent(entry.synthesis?.llm_provider),
      backend: entry.synthesis?.llm_backend,
    },
    forceConclusion: entry.force_conclusion_at_max_iterations,
    timeoutMs: millisecondsOf(entry.timeout),
  };
}

function stageAgentOf(entry: StageAgentEntry): StageAgentDefinition {
  return {
    name: entry.name,
    type: entry.type,
    ...overridesOf(entry),
    subAgents: subAgentsOf(entry.sub_agents),
    fallbacks: fallbacksOf(entry.fallback_providers),
    requiredSkills: entry.required_skills,
    skills: entry.skills,
    forceConclusion: entry.force_conclusion_at_max_iterations,
  };
}

function subAgentsOf(entries: SubAgentsEntry | undefined): SubAgentReference[] {
  return (entries ?? []).map((entry) => {
    const item = typeof entry === 'string' ? undefined : entry;
    return {
      name: typeof entry === 'string' ? entry : entry.name,
      ...overridesOf(item),
      requiredSkills: item?.required_skills ?? [],
      skills: item?.skills ?? [],
    };
  });
}

interface OverridesEntry {
  readonly llm_provider?: string | undefined;
  readonly llm_backend?: string | undefined;
  readonly max_iterations?: number | undefined;
  readonly mcp_servers: readonly string[];
}

function overridesOf(entry: OverridesEntry | undefined): AgentOverrides {
  return {
    provider: textOrAbsent(entry?.llm_provider),
    backend: textOrAbsent(entry?.llm_backend),
    maxIterations: entry?.max_iterations,
    mcpServers: entry?.mcp_servers ?? [],
  };
}
