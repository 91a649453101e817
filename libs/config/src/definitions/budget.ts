import type { BudgetEntry } from '../schema/budget.js';
import { millisecondsOf } from '../schema/primitives.js';

/** What one session may use up; undefined is no limit. */
export interface BudgetSettings {
  readonly maxTokens: number | undefined;
  readonly maxCostUsd: number | undefined;
  readonly maxToolCalls: number | undefined;
  readonly maxWallTimeMs: number | undefined;
}

export function budgetSettingsOf(entry: BudgetEntry | undefined): BudgetSettings {
  return {
    maxTokens: entry?.max_tokens,
    maxCostUsd: entry?.max_cost_usd,
    maxToolCalls: entry?.max_tool_calls,
    maxWallTimeMs: millisecondsOf(entry?.max_wall_time),
  };
}
