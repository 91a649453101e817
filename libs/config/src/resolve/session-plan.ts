import type { McpSelection } from '@tarsy/contracts';
import type { Configuration } from '../configuration.js';
import type { BudgetSettings } from '../definitions/budget.js';
import type { ChainDefinition, StageDefinition } from '../definitions/chains.js';
import type { Skill } from '../skills.js';
import { resolveStageAgent } from './agents.js';
import { ResolutionError } from './models.js';
import type { ResolvedAgent, ResolvedStage, SessionPlan } from './resolved.js';
import { resolveChat, resolveExecutiveSummary, resolveScoring, resolveSynthesis } from './roles.js';

/**
 * Only what the stages need must be there; summary, chat and scoring fail by themselves.
 * @throws {ResolutionError} the chain, an agent, a provider, a backend or a server does not exist
 */
export function resolvePlan(
  configuration: Configuration,
  chainId: string,
  selection: McpSelection | null,
): SessionPlan {
  const chain = configuration.chains[chainId];
  if (!chain) throw new ResolutionError(`chain "${chainId}" not found`);
  const stages = chain.stages.map((stage) => resolveStage(configuration, chain, stage, selection));
  const unresolved: Record<string, string> = {};
  const attempt = (
    part: keyof SessionPlan['unresolved'],
    resolve: () => ResolvedAgent | null,
  ): ResolvedAgent | null => {
    try {
      return resolve();
    } catch (error) {
      if (!(error instanceof ResolutionError)) throw error;
      unresolved[part] = error.message;
      return null;
    }
  };
  const chat = attempt('chat', () => resolveChat(configuration, chain, selection));
  return {
    chainId,
    stages,
    executiveSummary: attempt('executiveSummary', () => resolveExecutiveSummary(configuration, chain)),
    chat,
    scoring: {
      automatic: chain.scoring.enabled,
      agent: attempt('scoring', () => resolveScoring(configuration, chain)),
    },
    unresolved,
    budget: resolveBudget(configuration, chain),
    skills: skillsOfPlan(configuration, [...stages.flatMap(({ agents }) => agents), ...(chat ? [chat] : [])]),
    defaultRunbook: configuration.defaults.runbook,
    holidays: configuration.system.holidays,
    runbooks: runbookRulesOf(configuration),
  };
}

function runbookRulesOf({ system }: Configuration): NonNullable<SessionPlan['runbooks']> {
  const { allowedDomains, allowPrivateAddresses, cacheTtlMs } = system.runbooks;
  return { allowedDomains, allowPrivateAddresses, cacheTtlMs, tokenEnv: system.githubTokenEnv };
}

function resolveStage(
  configuration: Configuration,
  chain: ChainDefinition,
  stage: StageDefinition,
  selection: McpSelection | null,
): ResolvedStage {
  const isReplicated = stage.replicas > 1;
  const listed = isReplicated ? stage.agents.slice(0, 1) : stage.agents;
  const resolved = listed.map((agent) => resolveStageAgent(configuration, chain, stage, agent, selection));
  const agents = isReplicated ? resolved.flatMap((agent) => replicasOf(agent, stage.replicas)) : resolved;
  const isParallel = agents.length > 1;
  return {
    name: stage.name,
    type: agents.every(({ kind }) => kind === 'action') ? 'action' : 'investigation',
    successPolicy: stage.successPolicy ?? configuration.defaults.successPolicy,
    parallelType: isParallel ? (isReplicated ? 'replica' : 'multi_agent') : null,
    agents,
    synthesis: isParallel ? resolveSynthesis(configuration, chain, stage) : null,
    timeoutMs: stage.timeoutMs ?? null,
  };
}

function replicasOf(agent: ResolvedAgent, count: number): ResolvedAgent[] {
  return Array.from({ length: count }, (_, index) => ({ ...agent, name: `${agent.name}-${index + 1}` }));
}

/** The chain's limits, and the defaults' where it sets none. */
function resolveBudget({ defaults }: Configuration, chain: ChainDefinition): BudgetSettings {
  return {
    maxTokens: chain.budget.maxTokens ?? defaults.budget.maxTokens,
    maxCostUsd: chain.budget.maxCostUsd ?? defaults.budget.maxCostUsd,
    maxToolCalls: chain.budget.maxToolCalls ?? defaults.budget.maxToolCalls,
    maxWallTimeMs: chain.budget.maxWallTimeMs ?? defaults.budget.maxWallTimeMs,
  };
}

function skillsOfPlan({ skills }: Configuration, agents: readonly ResolvedAgent[]): Record<string, Skill> {
  const names = agents
    .flatMap((agent) => [agent, ...agent.subAgents])
    .flatMap((agent) => [...agent.skills.required, ...agent.skills.onDemand]);
  const used = new Set(names);
  return Object.fromEntries(Object.entries(skills).filter(([name]) => used.has(name)));
}
