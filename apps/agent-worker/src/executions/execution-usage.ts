import type { BudgetPart, ExecutionUsage, JournalEntry, TaskScheduled } from '@tarsy/contracts';

/** What an execution has used up so far. Pure: it is read from the journal, so no worker counts anything twice. */
export function usageOf(entries: readonly JournalEntry[]): ExecutionUsage {
  let tokens = 0;
  let toolCalls = 0;
  for (const entry of entries) {
    if (entry.type === 'tool-requested') toolCalls += 1;
    const usage = entry.type === 'turn' ? entry.usage : entry.type === 'result-summarized' ? entry.call?.usage : null;
    if (usage) tokens += usage.inputTokens + usage.outputTokens;
  }
  return { tokens, toolCalls, costUsd: 0 };
}

/** The part of its budget that an execution has used up; undefined while it may go on. */
export function usedUpOf({ budget }: TaskScheduled, usage: ExecutionUsage, nowMs: number): BudgetPart | undefined {
  if (budget === undefined) return undefined;
  const { tokens, toolCalls, concludeAt } = budget;
  if (tokens !== undefined && usage.tokens >= tokens) return 'tokens';
  if (toolCalls !== undefined && usage.toolCalls >= toolCalls) return 'tool_calls';
  if (concludeAt !== undefined && nowMs >= Date.parse(concludeAt)) return 'wall_time';
  return undefined;
}
