import type { Fields } from './dialect.js';

interface Message {
  readonly role: string;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

/** What OpenAI's API would refuse about calls and their results, in about its words; undefined where it would answer. */
export function complaintAbout(body: Fields): string | undefined {
  let open = new Set<string>();
  for (const [index, { role, tool_calls: calls = [], tool_call_id: id = '' }] of (
    body['messages'] as readonly Message[]
  ).entries()) {
    if (role === 'tool') {
      if (!open.delete(id))
        return `messages.[${index}].role: 'tool' must be a response to a preceding message with 'tool_calls'`;
      continue;
    }
    if (open.size > 0)
      return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
    open = new Set(calls.map((call) => call.id));
  }
  return open.size === 0
    ? undefined
    : "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
}
