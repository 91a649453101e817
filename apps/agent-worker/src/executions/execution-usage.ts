import type { ExecutionUsage, JournalEntry } from '@tarsy/contracts';

/** What an execution has used up so far. Pure: it is read from the journal, so no worker counts anything twice. */
export function usageOf(entries: readonly JournalEntry[]): ExecutionUsage {
  let tokens = 0;
  let toolCalls = 0;
  for (const entry of entries)
    if (entry.type === 'tool-requested') toolCalls += 1;
    else if (entry.type === 'turn' && entry.usage) tokens += entry.usage.inputTokens + entry.usage.outputTokens;
  return { tokens, toolCalls, costUsd: 0 };
}
