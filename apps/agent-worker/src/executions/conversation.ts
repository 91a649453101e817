import type { JournalEntry, JournalEntryOf, ToolCallCompleted } from '@tarsy/contracts';
import type { ConversationMessage } from '@tarsy/llm';

export type ToolResults = ReadonlyMap<string, Pick<ToolCallCompleted, 'content' | 'isError'>>;

/**
 * The conversation that a journal tells, for the model to read on. Pure: it depends on the entries and the results they refer to, on
 * nothing else, so a worker that takes an execution over sees exactly what the one before it saw. Of a turn whose calls are not all
 * answered yet, the answers up to the first missing one are there. Summaries stand in the place of the results that they were made of.
 */
export function conversationOf(entries: readonly JournalEntry[], results: ToolResults): ConversationMessage[] {
  const answers = shownAnswersOf(entries, results);
  return entries.flatMap((entry): ConversationMessage[] => {
    switch (entry.type) {
      case 'prompted':
        return entry.messages;
      case 'turn':
        return [answerOf(entry), ...resultsOf(entry, answers)];
      case 'message-added':
      case 'mail-received':
        return [{ role: 'user', content: entry.content }];
      case 'result-summarized':
      case 'agent-dispatched':
      case 'parked':
      case 'claimed':
      case 'turn-failed':
      case 'model-switched':
      case 'tool-requested':
      case 'tool-answered':
      case 'concluded':
        return [];
    }
  });
}

/** Result by call id; what the worker answered by itself counts before what came later from the tool. */
export function answersOf(entries: readonly JournalEntry[], results: ToolResults): ToolResults {
  const answers = new Map(results);
  for (const entry of entries) if (entry.type === 'tool-answered') answers.set(entry.callId, entry);
  return answers;
}

/** As {@link answersOf}, with summaries. */
export function shownAnswersOf(entries: readonly JournalEntry[], results: ToolResults): ToolResults {
  const answers = new Map(answersOf(entries, results));
  for (const entry of entries)
    if (entry.type === 'result-summarized' && entry.content !== undefined)
      answers.set(entry.callId, { content: entry.content, isError: answers.get(entry.callId)?.isError ?? false });
  return answers;
}

function answerOf({ text, thinking, toolCalls, vendorState }: JournalEntryOf<'turn'>): ConversationMessage {
  return {
    role: 'assistant',
    text,
    ...(thinking === '' ? {} : { thinking }),
    toolCalls,
    ...(vendorState === undefined ? {} : { vendorState }),
  };
}

function resultsOf({ toolCalls }: JournalEntryOf<'turn'>, answers: ToolResults): ConversationMessage[] {
  const messages: ConversationMessage[] = [];
  for (const { callId, vendorCallId, name } of toolCalls) {
    const answer = answers.get(callId);
    if (answer === undefined) break;
    messages.push({ role: 'tool', callId, vendorCallId, name, content: answer.content, isError: answer.isError });
  }
  return messages;
}
