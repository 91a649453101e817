import type { JournalEntry, JournalEntryOf, ModelReference, ToolServerSelection } from '@tarsy/contracts';
import { conversationOf, shownAnswersOf, type ToolResults } from '../executions/conversation.js';
import { contextWindowOf, conversationTokens, estimateTokens } from './tokens.js';

/** One tool result that is to be replaced by a summary. */
export interface SummaryRequest {
  readonly callId: string;
  readonly server: string;
  readonly tool: string;
  readonly reason: JournalEntryOf<'result-summarized'>['reason'];
  /** What the model would read otherwise. */
  readonly content: string;
  /** Size of the summary. */
  readonly targetTokens: number;
}

export interface SummaryView {
  readonly entries: readonly JournalEntry[];
  readonly results: ToolResults;
  readonly toolServers: readonly ToolServerSelection[];
  readonly model: ModelReference;
}

/** A conversation of more than this part of the window is made shorter ... */
const NEARLY_FULL = 0.75;
/** ... to this part. The estimate may be off by a third, and the tools take room as well. */
const ROOMY = 0.5;
/** Results of fewer tokens are left alone: a summary would hardly be shorter. */
const SMALL_RESULT_TOKENS = 200;
const CONTEXT_SUMMARY_TOKENS = 400;

/** Results that are longer than their server's limit and have not been looked at yet. Pure. */
export function longResults({ entries, results, toolServers, model }: SummaryView): SummaryRequest[] {
  const seen = new Set(summariesIn(entries).map(({ callId }) => callId));
  return requestsIn(entries).flatMap(({ callId, server, tool }): SummaryRequest[] => {
    const result = results.get(callId);
    const settings = toolServers.find(({ id }) => id === server)?.summarization;
    if (settings === undefined || result === undefined || result.isError || seen.has(callId)) return [];
    if ((settings.model ?? model).type === 'playbook') return [];
    if (estimateTokens(result.content) <= settings.thresholdTokens) return [];
    return [{ callId, server, tool, reason: 'size', content: result.content, targetTokens: settings.targetTokens }];
  });
}

/**
 * The oldest results, as many as must go for the conversation to fit into the model's window with room to spare; none while it is not
 * nearly full. Pure.
 *
 * @param wasRefused The model said itself that the conversation is too long: then its size is the window.
 */
export function resultsInTheWay(view: SummaryView, wasRefused: boolean): SummaryRequest[] {
  const tokens = conversationTokens(conversationOf(view.entries, view.results));
  const windowTokens = Math.min(contextWindowOf(view.model) ?? Infinity, wasRefused ? tokens : Infinity);
  if (tokens <= windowTokens * NEARLY_FULL) return [];
  const chosen: SummaryRequest[] = [];
  let left = tokens;
  for (const request of condensable(view)) {
    if (left <= windowTokens * ROOMY) break;
    chosen.push(request);
    left -= estimateTokens(request.content) - request.targetTokens;
  }
  return chosen;
}

function condensable({ entries, results }: SummaryView): SummaryRequest[] {
  const done = new Set(summariesIn(entries).flatMap(({ callId, reason }) => (reason === 'context' ? [callId] : [])));
  const shown = shownAnswersOf(entries, results);
  return requestsIn(entries).flatMap(({ callId, server, tool }): SummaryRequest[] => {
    const content = shown.get(callId)?.content;
    if (content === undefined || done.has(callId)) return [];
    const tokens = estimateTokens(content);
    if (tokens <= SMALL_RESULT_TOKENS) return [];
    const targetTokens = Math.min(CONTEXT_SUMMARY_TOKENS, Math.ceil(tokens / 2));
    return [{ callId, server, tool, reason: 'context', content, targetTokens }];
  });
}

const requestsIn = (entries: readonly JournalEntry[]): JournalEntryOf<'tool-requested'>[] =>
  entries.filter((entry) => entry.type === 'tool-requested');

const summariesIn = (entries: readonly JournalEntry[]): JournalEntryOf<'result-summarized'>[] =>
  entries.filter((entry) => entry.type === 'result-summarized');
