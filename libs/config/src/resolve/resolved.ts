import type { AgentKind, ModelReference, ParallelType, ToolServerSelection } from '@tarsy/contracts';
import type { BudgetSettings } from '../definitions/budget.js';
import type { Skill } from '../skills.js';

/** Limits of an agent with sub-agents. */
export interface OrchestratorLimits {
  readonly maxConcurrentAgents: number;
  /** Longest time of one sub-agent. */
  readonly agentTimeoutMs: number;
  /** Longest time of all sub-agents together. */
  readonly maxBudgetMs: number;
  /** 1: sub-agents dispatch nobody. */
  readonly maxDepth: number;
}

/** Everything that one execution needs to know of the configuration. */
export interface ResolvedAgent {
  /** As shown; a replica's has its number. */
  readonly name: string;
  /** Name in `agents`. */
  readonly definition: string;
  readonly kind: AgentKind;
  readonly description: string;
  readonly customInstructions: string;
  readonly maxIterations: number;
  /** At the iteration limit: true concludes, false pauses for a person. */
  readonly forceConclusion: boolean;
  readonly model: ModelReference;
  /** Tried in order when the model fails. */
  readonly fallbackModels: readonly ModelReference[];
  /** Its definition switches a native tool on, so only a `google-native` fallback can take over. */
  readonly needsNativeTools: boolean;
  readonly toolServers: readonly ToolServerSelection[];
  /** Names in the plan's `skills`. */
  readonly skills: { readonly required: readonly string[]; readonly onDemand: readonly string[] };
  /** Not empty: the agent is an orchestrator that may dispatch these. */
  readonly subAgents: readonly ResolvedAgent[];
  readonly orchestrator: OrchestratorLimits;
}

export interface ResolvedStage {
  readonly name: string;
  readonly type: 'investigation' | 'action';
  readonly successPolicy: 'all' | 'any';
  /** How its agents differ; null where there is one only. */
  readonly parallelType: ParallelType | null;
  /** One execution each. */
  readonly agents: readonly ResolvedAgent[];
  /** Merges the results; null where there is one agent only. */
  readonly synthesis: ResolvedAgent | null;
  /** Longest time of the stage; null: only the session's. */
  readonly timeoutMs: number | null;
}

/** What a session will do, resolved once when it is admitted and pinned to it. */
export interface SessionPlan {
  readonly chainId: string;
  readonly stages: readonly ResolvedStage[];
  /** Null where it can not be resolved: the investigation itself does not fail for it. */
  readonly executiveSummary: ResolvedAgent | null;
  /** Answers follow-up questions; null where the chain has no chat, or it can not be resolved. */
  readonly chat: ResolvedAgent | null;
  /** Judges the investigation; `automatic` where every completed session is scored, `agent` null where it can not be resolved. */
  readonly scoring: { readonly automatic: boolean; readonly agent: ResolvedAgent | null };
  /** Why one of these could not be resolved. */
  readonly unresolved: { readonly executiveSummary?: string; readonly chat?: string; readonly scoring?: string };
  readonly budget: BudgetSettings;
  /** Every skill that an agent of the plan has or may load, by name. */
  readonly skills: Readonly<Record<string, Skill>>;
  /** Inline text; the chain's alerts without a runbook of their own use it. */
  readonly defaultRunbook: string;
  /** Days with fewer people at work, each year: `MM-DD`, UTC. Sessions that were planned before there was this have none. */
  readonly holidays?: readonly { readonly date: string; readonly name: string }[];
  /** Which runbooks of alerts may be fetched, and how. Sessions that were planned before there was this have none. */
  readonly runbooks?: {
    readonly allowedDomains: readonly string[];
    readonly allowPrivateAddresses: boolean;
    readonly cacheTtlMs: number;
    readonly tokenEnv: string;
  };
}
