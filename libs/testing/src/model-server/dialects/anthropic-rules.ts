import type { Fields } from './dialect.js';

interface Message {
  readonly role: string;
  readonly content: string | readonly Block[];
}

interface Block {
  readonly type: string;
  readonly id?: string;
  readonly tool_use_id?: string;
  readonly text?: string;
}

const isThinking = ({ type }: Block): boolean => type === 'thinking' || type === 'redacted_thinking';

/** What Anthropic's API would refuse about a conversation, in about its words; undefined where it would answer. */
export function complaintAbout(body: Fields): string | undefined {
  const messages = (body['messages'] as readonly Message[]).map(({ role, content }) => ({
    role,
    blocks: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  }));
  if (messages[0]?.role !== 'user') return 'messages: first message must use the "user" role';
  for (const [index, { role, blocks }] of messages.entries()) {
    const complaint =
      role === 'assistant'
        ? complaintAboutAnswer(blocks, messages[index + 1]?.blocks ?? [])
        : complaintAboutResults(blocks, messages[index - 1]?.blocks ?? []);
    const common = complaint ?? complaintAboutBlocks(blocks);
    if (common !== undefined) return `messages.${index}: ${common}`;
  }
  return complaintAboutThinking(body, messages.findLast(({ role }) => role === 'assistant')?.blocks ?? []);
}

function complaintAboutBlocks(blocks: readonly Block[]): string | undefined {
  if (blocks.length === 0) return 'all messages must have non-empty content';
  if (blocks.some(({ type, text }) => type === 'text' && text?.trim() === '')) return 'text content blocks must contain non-whitespace text'; // prettier-ignore
  return undefined;
}

function complaintAboutAnswer(blocks: readonly Block[], next: readonly Block[]): string | undefined {
  if (blocks.some(isThinking) && !isThinking(blocks[0]!)) return 'the first block must be `thinking` or `redacted_thinking`'; // prettier-ignore
  if (blocks.length > 0 && isThinking(blocks.at(-1)!)) return 'the final block in an assistant message cannot be `thinking`'; // prettier-ignore
  const answered = new Set(next.flatMap(({ tool_use_id: id }) => id ?? []));
  const open = blocks.filter(({ type, id }) => type === 'tool_use' && !answered.has(id!));
  return open.length === 0 ? undefined : '`tool_use` ids were found without `tool_result` blocks immediately after';
}

function complaintAboutResults(blocks: readonly Block[], before: readonly Block[]): string | undefined {
  const called = new Set(before.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : [])));
  const results = blocks.filter(({ type }) => type === 'tool_result');
  if (results.some(({ tool_use_id: id }) => !called.has(id))) return 'unexpected `tool_use_id` found in `tool_result` blocks'; // prettier-ignore
  if (results.some((result) => blocks.indexOf(result) >= results.length)) return '`tool_result` blocks must come first in the content'; // prettier-ignore
  return undefined;
}

/** Models that decide by themselves how much to think do not insist. */
function complaintAboutThinking(body: Fields, answer: readonly Block[]): string | undefined {
  const isEnabled = (body['thinking'] as { type?: string } | undefined)?.type === 'enabled';
  if (!isEnabled || !answer.some(({ type }) => type === 'tool_use') || isThinking(answer[0]!)) return undefined;
  return 'When `thinking` is enabled, a final `assistant` message must start with a thinking block';
}
