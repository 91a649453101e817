import { costUsd as costOf, type ModelPrice } from '@tarsy/config';
import type { BudgetPart, ExecutionUsage, JournalEntry, TaskScheduled, TokenUsage } from '@tarsy/contracts';

/**
 * What an execution has used up so far. Pure: it is read from the journal, so no worker counts anything twice.
 *
 * @param prices By model name; calls of other models cost nothing here.
 */
export function usageOf(
  entries: readonly JournalEntry[],
  prices: Readonly<Record<string, ModelPrice>> = {},
): ExecutionUsage {
  const used = { tokens: 0, toolCalls: 0, costUsd: 0 };
  for (const entry of entries) {
    if (entry.type === 'tool-requested') used.toolCalls += 1;
    const call = callOf(entry);
    if (!call?.usage) continue;
    used.tokens += call.usage.inputTokens + call.usage.outputTokens;
    const price = prices[call.model];
    if (price) used.costUsd += costOf(call.usage, price);
  }
  return used;
}

function callOf(entry: JournalEntry): { readonly model: string; readonly usage: TokenUsage | null } | undefined {
  if (entry.type === 'turn') return entry;
  return entry.type === 'result-summarized' ? entry.call : undefined;
}

/** The part of its budget that an execution has used up; undefined while it may go on. */
export function usedUpOf({ budget }: TaskScheduled, usage: ExecutionUsage, nowMs: number): BudgetPart | undefined {
  if (budget === undefined) return undefined;
  const { tokens, toolCalls, costUsd, concludeAt } = budget;
  if (tokens !== undefined && usage.tokens >= tokens) return 'tokens';
  if (toolCalls !== undefined && usage.toolCalls >= toolCalls) return 'tool_calls';
  if (costUsd !== undefined && usage.costUsd >= costUsd) return 'cost';
  if (concludeAt !== undefined && nowMs >= Date.parse(concludeAt)) return 'wall_time';
  return undefined;
}
