import type { TimelineEventRow } from '@tarsy/persistence';

/** Longest text of one step, in characters; tool results may be much longer. */
export const LONGEST_STEP = 8_000;
/** Longest history of one execution, in characters. */
const LONGEST_HISTORY = 200_000;

export type RecordedStep = Pick<TimelineEventRow, 'eventType' | 'content' | 'metadata'>;

/** What an execution thought, said and did, as its timeline has it. Where that is too long its end is kept: it tells more. Pure. */
export function recordedHistoryOf(steps: readonly RecordedStep[], longest = LONGEST_HISTORY): string {
  const text = steps.map(textOf).filter(Boolean).join('\n\n');
  const limit = Math.min(longest, LONGEST_HISTORY);
  return text.length <= limit ? text : `(earlier steps are left out)\n\n${text.slice(-limit)}`;
}

function textOf({ eventType, content, metadata }: RecordedStep): string {
  const shown = cut(content);
  switch (eventType) {
    case 'llm_thinking':
      return `Reasoning: ${shown}`;
    case 'llm_response':
      return `Response: ${shown}`;
    case 'llm_tool_call': {
      const { server_name: server, tool_name: tool, arguments: given, is_error: isError } = metadata;
      return `Tool call: ${String(server)}.${String(tool)} ${cut(JSON.stringify(given ?? {}))}\n${isError ? 'Error' : 'Result'}: ${shown}`;
    }
    case 'mcp_tool_summary':
      return `Summary of that result: ${shown}`;
    case 'final_analysis':
      return `Final analysis: ${shown}`;
    case 'error':
      return `Error: ${shown}`;
    case 'skill_loaded':
      return '';
    default:
      return shown;
  }
}

const cut = (text: string): string =>
  text.length <= LONGEST_STEP ? text : `${text.slice(0, LONGEST_STEP)}\n(the rest is left out)`;
