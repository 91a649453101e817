import {
  LanguageModel,
  type ConversationMessage,
  type LanguageModelEvent,
  type LanguageModelRequest,
  type ToolDefinition,
} from '@tarsy/llm';
import { describe, expect, it } from 'vitest';
import { ReactLanguageModel } from './react-language-model.js';

const toolOf = (name: string): ToolDefinition => ({
  name,
  description: `About ${name}.`,
  inputSchema: { type: 'object' },
  readOnly: true,
});
const TOOLS = [toolOf('host__cpu'), toolOf('host__disk_usage'), toolOf('load_skill')];

/** Writes one text in pieces of a given size, and notices how much of it was read. */
class WritingModel extends LanguageModel {
  readonly provider = 'p';
  readonly model = 'm';
  request: LanguageModelRequest | undefined;
  readCharacters = 0;

  constructor(
    private readonly text: string,
    private readonly size: number,
    private readonly thinking = '',
  ) {
    super();
  }

  async *stream(request: LanguageModelRequest): AsyncGenerator<LanguageModelEvent> {
    this.request = request;
    await Promise.resolve();
    if (this.thinking !== '') yield { type: 'thinking-delta', text: this.thinking };
    for (let at = 0; at < this.text.length; at += this.size) {
      this.readCharacters = Math.min(this.text.length, at + this.size);
      yield { type: 'text-delta', text: this.text.slice(at, at + this.size) };
    }
    yield { type: 'finish', stopReason: 'stop', usage: { inputTokens: 1, outputTokens: 2, thinkingTokens: 0, cachedInputTokens: 0 } }; // prettier-ignore
  }
}

interface Collected {
  thinking: string;
  text: string;
  call: [name: string, argumentsText: string] | undefined;
  feedback: string | undefined;
}

async function read(model: LanguageModel, tools = TOOLS, messages: ConversationMessage[] = []): Promise<Collected> {
  const collected: Collected = { thinking: '', text: '', call: undefined, feedback: undefined };
  const request = { executionId: 'e', messages, tools, interactionType: 'iteration' as const };
  for await (const event of model.stream(request, new AbortController().signal))
    if (event.type === 'thinking-delta') collected.thinking += event.text;
    else if (event.type === 'text-delta') collected.text += event.text;
    else if (event.type === 'tool-call') collected.call = [event.name, event.argumentsText];
    else if (event.type === 'finish') collected.feedback = event.formatFeedback;
  return collected;
}

const readReply = (text: string, size = 3, tools = TOOLS): Promise<Collected> =>
  read(new ReactLanguageModel(new WritingModel(text, size)), tools);

const call = (name: string, argumentsText = '{}', thinking = 'I look.', text = ''): Collected => ({
  thinking,
  text,
  call: [name, argumentsText],
  feedback: undefined,
});
const answer = (text: string, thinking = 'I know.'): Collected => ({
  thinking,
  text,
  call: undefined,
  feedback: undefined,
});

const REPLIES: [title: string, reply: string, expected: Collected][] = [
  ['an action', 'Thought: I look.\nAction: host__cpu\nAction Input: {"a": 1}', call('host__cpu', '{"a": 1}')],
  ['a name with a dot', 'Thought: I look.\nAction: host.cpu\nAction Input: {}', call('host__cpu')],
  ['a name in another case', 'Thought: I look.\nAction: Host.CPU\nAction Input: {}', call('host__cpu')],
  ['a name with a prefix', 'Thought: I look.\nAction: tools:load_skill\nAction Input: {}', call('load_skill')],
  ['a decorated name', 'Thought: I look.\n**Action:** `host__cpu`\n**Action Input:** {}', call('host__cpu')],
  ['a name with words around it', 'Thought: I look.\nAction: call host__cpu now\nAction Input: {}', call('host__cpu')],
  ['arguments in a code fence', 'Thought: I look.\nAction: host__cpu\nAction Input:\n```json\n{"a":\n1}\n```', call('host__cpu', '{"a":\n1}')], // prettier-ignore
  ['arguments that are no JSON', 'Thought: I look.\nAction: host__cpu\nAction Input: path: /var', call('host__cpu', 'path: /var')], // prettier-ignore
  ['an action without input', 'Thought: I look.\nAction: host__cpu', call('host__cpu', '')],
  ['arguments behind the name', 'Thought: I look.\nAction: host__cpu {"a": 1}', call('host__cpu', '{"a": 1}')],
  ['arguments in parentheses', 'Thought: I look.\nAction: host__cpu({"a": 1})', call('host__cpu', '{"a": 1}')],
  ['both in one line', 'Thought: I look.\nAction: host__cpu Action Input: {}', call('host__cpu')],
  ['markers in the middle of a line', 'Thought: I look. Action: host__cpu\nAction Input: {}', call('host__cpu')],
  ['no thought marker', 'I look.\nAction: host__cpu\nAction Input: {}', call('host__cpu')],
  ['no thought', 'Action: host__cpu\nAction Input: {}', call('host__cpu', '{}', '')],
  ['no action but a tool in the thought', 'Thought: I use host.cpu, not more.\nAction Input: {}', call('host__cpu', '{}', 'I use host.cpu, not more.')], // prettier-ignore
  ['an empty action', 'Thought: I use host__cpu.\nAction:\nAction Input: {}', call('host__cpu', '{}', 'I use host__cpu.')], // prettier-ignore
  ['a tool that there is not', 'Thought: I look.\nAction: host__format\nAction Input: {}', call('host__format')],
  ['an action before a final answer', 'Thought: I look.\nAction: host__cpu\nAction Input: {}\nFinal Answer: done', call('host__cpu')], // prettier-ignore
  ['an action after a final answer', 'Final Answer: done\nAction: host__cpu\nAction Input: {}', call('host__cpu', '{}', '', 'done')], // prettier-ignore
  ['two actions', 'Thought: I look.\nAction: host__cpu\nAction Input: {}\nThought: more\nAction: load_skill\nAction Input: {"b":2}', call('host__cpu')], // prettier-ignore
  ['an invented observation', 'Thought: I look.\nAction: host__cpu\nAction Input: {}\nObservation: 97 %\nFinal Answer: made up', call('host__cpu')], // prettier-ignore
  ['an invented observation in the line', 'Thought: I look.\nAction: host__cpu\nAction Input: {} Observation: 97 %', call('host__cpu')], // prettier-ignore
  ['a final answer', 'Thought: I know.\nFinal Answer: The disk\n\nis full.', answer('The disk\n\nis full.')],
  ['a decorated final answer', 'Thought: I know.\n\n**Final Answer:** full', answer('full')],
  ['a final answer in the line', 'I know. Final Answer: full', answer('full')],
  ['a final answer with headings of a report', 'Thought: I know.\nFinal Answer: Full.\nObservation: 97 %\nAction: clean it\nRecommended Action: clean', answer('Full.\nObservation: 97 %\nAction: clean it\nRecommended Action: clean')], // prettier-ignore
  ['a thought about actions', 'Thought: Recommended action: none. I know.\nFinal Answer: full', answer('full', 'Recommended action: none. I know.')], // prettier-ignore
  ['a final answer as an action', 'Thought: I know.\nAction: Final Answer\nAction Input: full', answer('full')],
];

describe(ReactLanguageModel.name, () => {
  describe.each([1, 7, 10_000])('in pieces of %i characters', (size) => {
    it.each(REPLIES)('reads %s', async (_title, reply, expected) => {
      const { thinking, text, ...rest } = await readReply(reply, size);
      expect({ thinking, text, ...rest }).toEqual(expected);
    });
  });

  it.each([
    ['only a thought', 'Thought: Let me think about it.', 'neither an "Action:" nor a "Final Answer:"'],
    ['prose', 'The disk is probably full.', 'neither an "Action:" nor a "Final Answer:"'],
    ['an input without a tool', 'Thought: hm\nAction Input: {"a": 1}', 'no "Action:" that names a tool'],
    ['an empty final answer', 'Thought: hm\nFinal Answer:', 'followed by nothing'],
    ['no action', 'Thought: hm\nAction: None', '"None" is no tool'],
  ])('says what is wrong with %s', async (_title, reply, problem) => {
    const { feedback, call: asked, text } = await readReply(reply);
    expect(feedback).toContain(problem);
    expect(feedback).toContain('Action Input:');
    expect([asked, text]).toEqual([undefined, '']);
  });

  it('leaves a blank reply to the loop', async () => {
    expect(await readReply(' \n')).toEqual(answer('', ''));
  });

  it('stops to read when the model invents an observation', async () => {
    const model = new WritingModel(`Action: host__cpu\nAction Input: {}\nObservation: ${'x'.repeat(5_000)}`, 10);
    await read(new ReactLanguageModel(model));
    expect(model.readCharacters).toBeLessThan(100);
  });

  it('shows a thought and an answer while they come', async () => {
    const long = 'word '.repeat(40);
    const model = new ReactLanguageModel(new WritingModel(`Thought: ${long}\nFinal Answer: ${long}`, 5));
    const sizes = { 'thinking-delta': 0, 'text-delta': 0 };
    const request = { executionId: 'e', messages: [], tools: TOOLS, interactionType: 'iteration' as const };
    for await (const event of model.stream(request, new AbortController().signal))
      if ((event.type === 'thinking-delta' || event.type === 'text-delta') && event.text !== '') sizes[event.type]++;
    expect(sizes['thinking-delta']).toBeGreaterThan(10);
    expect(sizes['text-delta']).toBeGreaterThan(10);
  });

  it('keeps what the vendor calls thinking apart from the thought', async () => {
    const model = new ReactLanguageModel(new WritingModel('Thought: look\nFinal Answer: full', 4, 'hm'));
    expect((await read(model)).thinking.trim()).toBe('hm\n\nlook');
  });

  it.each([
    ['Plain text.', 'Plain text.', ''],
    ['Short', 'Short', ''],
    ['Thought: enough\nFinal Answer: The disk.', 'The disk.', 'enough'],
    ['Final Answer: The disk.', 'The disk.', ''],
    ['Thought: the disk is full', 'the disk is full', 'the disk is full'],
    ['Recommended Action: clean up.\nAction: none', 'Recommended Action: clean up.\nAction: none', ''],
  ])('takes %j as the answer where no tools are on offer', async (reply, text, thinking) => {
    const collected = await readReply(reply, 4, []);
    expect({ ...collected, thinking: collected.thinking.trim(), text: collected.text.trim() }).toEqual(answer(text, thinking)); // prettier-ignore
  });

  it('tells the model its tools and the conversation in plain text', async () => {
    const model = new WritingModel('Final Answer: x', 50);
    const toolCall = { callId: '1-1', vendorCallId: 'v', name: 'host__cpu', argumentsText: '{"a":1}' };
    await read(new ReactLanguageModel(model), TOOLS, [
      { role: 'system', content: 'Rules.' },
      { role: 'user', content: 'Alert.' },
      { role: 'assistant', thinking: 'I look.', text: '', toolCalls: [toolCall] },
      { role: 'tool', callId: '1-1', vendorCallId: 'v', name: 'host__cpu', content: '97 %', isError: false },
      { role: 'assistant', text: ' ', toolCalls: [] },
    ]);
    const { messages, tools } = model.request!;
    expect(tools).toEqual([]);
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(messages[0]).toMatchObject({ content: expect.stringMatching(/^Rules\.[^]*- host__cpu: About host__cpu\./) });
    expect(messages[2]).toMatchObject({ text: 'Thought: I look.\nAction: host__cpu\nAction Input: {"a":1}' });
    expect(messages[3]).toMatchObject({ content: 'Observation:\n97 %' });
  });
});
