import type { TimelineEventRow } from '@tarsy/persistence';

/** Longest text of one step, in characters; tool results may be megabytes. */
const LONGEST_STEP = 8_000;
/** Longest history of one execution, in characters: its end tells more than its beginning. */
const LONGEST_HISTORY = 200_000;

type Step = Pick<TimelineEventRow, 'eventType' | 'content' | 'metadata'>;

/** What an execution thought, said and did, as its timeline has it. Pure. */
export function recordedHistoryOf(steps: readonly Step[]): string {
  const text = steps.map(textOf).filter(Boolean).join('\n\n');
  return text.length <= LONGEST_HISTORY ? text : `(earlier steps are left out)\n\n${text.slice(-LONGEST_HISTORY)}`;
}

function textOf({ eventType, content, metadata }: Step): string {
  const shown = content.length <= LONGEST_STEP ? content : `${content.slice(0, LONGEST_STEP)}\n(the rest is left out)`;
  switch (eventType) {
    case 'llm_thinking':
      return `Reasoning: ${shown}`;
    case 'llm_response':
      return `Response: ${shown}`;
    case 'llm_tool_call': {
      const { server_name: server, tool_name: tool, arguments: given, is_error: isError } = metadata;
      return `Tool call: ${String(server)}.${String(tool)} ${JSON.stringify(given ?? {})}\n${isError ? 'Error' : 'Result'}: ${shown}`;
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
