import type { DefaultsEntry } from '../schema/defaults.js';
import { textOrAbsent } from '../schema/primitives.js';
import { orchestratorSettingsOf, type OrchestratorSettings } from './agents.js';
import { budgetSettingsOf, type BudgetSettings } from './budget.js';
import { fallbacksOf, scoringOf, type FallbackReference, type ScoringDefinition } from './chains.js';

export interface MemorySettings {
  readonly enabled: boolean;
  readonly maxInject: number;
  readonly reflectorMemoryLimit: number;
  readonly embedding: {
    readonly provider: 'google' | 'openai';
    readonly model: string;
    readonly apiKeyEnv: string;
    readonly dimensions: number;
    readonly baseUrl: string | undefined;
  };
}

export interface Defaults {
  /** Name in `llm_providers`; undefined in the files, the offline analyst in the end. */
  readonly provider: string | undefined;
  readonly backend: string | undefined;
  readonly maxIterations: number | undefined;
  readonly fallbacks: readonly FallbackReference[];
  readonly successPolicy: 'all' | 'any';
  readonly alertType: string;
  readonly runbook: string;
  readonly alertMasking: { readonly enabled: boolean; readonly patternGroup: string };
  readonly summarization: { readonly provider: string | undefined; readonly backend: string | undefined };
  readonly scoring: ScoringDefinition;
  readonly orchestrator: OrchestratorSettings;
  readonly memory: MemorySettings;
  readonly forceConclusion: boolean;
  readonly budget: BudgetSettings;
}

/** Of an entry that is filled in. */
export function defaultsOf(entry: DefaultsEntry): Defaults {
  const { memory } = entry;
  return {
    provider: textOrAbsent(entry.llm_provider),
    backend: textOrAbsent(entry.llm_backend),
    maxIterations: entry.max_iterations,
    fallbacks: fallbacksOf(entry.fallback_providers) ?? [],
    successPolicy: entry.success_policy,
    alertType: entry.alert_type,
    runbook: entry.runbook,
    alertMasking: { enabled: entry.alert_masking.enabled, patternGroup: entry.alert_masking.pattern_group },
    summarization: {
      provider: textOrAbsent(entry.summarization?.llm_provider),
      backend: textOrAbsent(entry.summarization?.llm_backend),
    },
    scoring: scoringOf(entry.scoring),
    orchestrator: orchestratorSettingsOf(entry.orchestrator),
    memory: {
      enabled: memory.enabled,
      maxInject: memory.max_inject,
      reflectorMemoryLimit: memory.reflector_memory_limit,
      embedding: {
        provider: memory.embedding.provider,
        model: memory.embedding.model,
        apiKeyEnv: memory.embedding.api_key_env,
        dimensions: memory.embedding.dimensions,
        baseUrl: textOrAbsent(memory.embedding.base_url),
      },
    },
    forceConclusion: entry.force_conclusion_at_max_iterations,
    budget: budgetSettingsOf(entry.budget),
  };
}
