import type { ReactSections } from './react-reader.js';
import type { ToolNameLookup } from './tool-name-lookup.js';

/** What a complete reply asks for. */
export type ReactReply =
  | { readonly kind: 'call'; readonly name: string; readonly argumentsText: string }
  /** `late` was found out only at the end and is not in the `final` section. */
  | { readonly kind: 'answer'; readonly late?: string }
  /** It can not be understood; the text tells the model what was wrong. */
  | { readonly kind: 'malformed'; readonly feedback: string }
  | { readonly kind: 'blank' };

const FORMAT = [
  'Either ask for one tool:',
  'Thought: why',
  'Action: name of the tool',
  'Action Input: its arguments as one JSON object',
  'or end the investigation:',
  'Thought: why you know enough',
  'Final Answer: the whole analysis',
].join('\n');

/**
 * Understands the sections of a reply. An action wins over a final answer; an action without input has no arguments; an input without
 * an action belongs to the tool that was named last before it. Pure.
 */
export function interpretReply(
  { thought = '', action, input, final }: ReactSections,
  tools: ToolNameLookup,
): ReactReply {
  if (action !== undefined || input !== undefined) {
    const reply = callOf(action ?? '', input, thought, tools);
    if (reply.kind !== 'malformed' || final === undefined) return reply;
  }
  if (final !== undefined && final.trim() !== '') return { kind: 'answer' };
  if (final !== undefined)
    return malformed('"Final Answer:" was followed by nothing. Write the whole analysis after it.');
  if (thought.trim() === '') return { kind: 'blank' };
  return malformed('There is neither an "Action:" nor a "Final Answer:".');
}

function callOf(action: string, input: string | undefined, thought: string, tools: ToolNameLookup): ReactReply {
  const { name, rest } = splitAction(action);
  if (/^(final[ _-]?answer|none|n\/a|no action( needed)?)\b/i.test(name) && tools.find(name) === undefined)
    return (input ?? rest).trim() === ''
      ? malformed(`"${name}" is no tool. To end, write "Final Answer:" and the whole analysis after it.`)
      : { kind: 'answer', late: (input ?? rest).trim() };
  const argumentsText = withoutFence(input?.trim() || rest);
  if (name !== '') return { kind: 'call', name: tools.find(name) ?? tools.lastIn(name) ?? name, argumentsText };
  const mentioned = tools.lastIn(thought);
  if (mentioned !== undefined && input !== undefined) return { kind: 'call', name: mentioned, argumentsText };
  return malformed('There is an "Action Input:" but no "Action:" that names a tool.');
}

/** `tool`, `tool {...}`, `tool(...)`, each with decoration around it, and anything after the first line. */
function splitAction(action: string): { name: string; rest: string } {
  const text = action.trim();
  const [line = ''] = text.split('\n');
  const below = text.slice(line.length).trim();
  const match = /^[*_`"'[]*([\w.:-]+)[*_`"'\]]*\s*(?:\((.*)\)|(\{.*))?$/s.exec(line.trim());
  if (match === null) return { name: line.replace(/^[\s*_`"'[]+|[\s*_`"'\]]+$/g, ''), rest: below };
  return { name: match[1]!, rest: [match[2] ?? match[3] ?? '', below].filter(Boolean).join('\n') };
}

function withoutFence(text: string): string {
  const trimmed = text.trim();
  const fenced = /^```\w*\s*\n?(.*?)\n?\s*```/s.exec(trimmed);
  return (fenced?.[1] ?? trimmed.replace(/^`|`$/g, '')).trim();
}

function malformed(problem: string): ReactReply {
  return { kind: 'malformed', feedback: `Your last answer could not be understood: ${problem}\n\n${FORMAT}` };
}
