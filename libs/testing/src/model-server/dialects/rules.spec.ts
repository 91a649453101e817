import { describe, expect, it } from 'vitest';
import { anthropicMessages } from './anthropic-messages.js';
import { gemini } from './gemini.js';
import { openAiChat } from './openai-chat.js';

const ask = { role: 'user', content: 'why?' };
const thought = { type: 'thinking', thinking: 'hm', signature: 's' };
const use = { type: 'tool_use', id: 'a', name: 'look', input: {} };
const answer = (...content: object[]): object => ({ role: 'assistant', content });
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] };
const enabled = { type: 'enabled', budget_tokens: 1_024 };

describe('the scripted server as Anthropic', () => {
  it.each<[string, object[], object | undefined, string | undefined]>([
    ['answers a call with its result', [ask, answer(thought, use), result], enabled, undefined],
    ['refuses a call without one', [ask, answer(use)], undefined, 'ids were found without'],
    ['refuses a result without a call', [ask, answer({ type: 'text', text: 'x' }), result], undefined, 'unexpected'],
    ['refuses thinking at the end', [ask, answer(thought), ask], undefined, 'final block'],
    [
      'refuses thinking behind text',
      [ask, answer({ type: 'text', text: 'x' }, thought, use), result],
      undefined,
      'first block',
    ],
    ['refuses blank text', [ask, answer({ type: 'text', text: ' ' })], undefined, 'non-whitespace'],
    [
      'refuses to think about a call without thinking',
      [ask, answer(use), result],
      enabled,
      'must start with a thinking block',
    ],
    ['thinks about it if it may decide', [ask, answer(use), result], { type: 'adaptive' }, undefined],
  ])('%s', (_what, messages, thinking, complaint) => {
    const given = anthropicMessages.complaintAbout!({ messages, thinking });
    if (complaint === undefined) expect(given).toBeUndefined();
    else expect(given).toContain(complaint);
  });
});

describe('the scripted server as OpenAI', () => {
  const call = { role: 'assistant', content: null, tool_calls: [{ id: 'a' }] };
  const tool = { role: 'tool', tool_call_id: 'a', content: 'x' };

  it('wants a result for each call, and a call for each result', () => {
    const complaintAbout = (...messages: object[]): string | undefined => openAiChat.complaintAbout!({ messages });
    expect(complaintAbout(ask, call, tool, ask)).toBeUndefined();
    expect(complaintAbout(ask, call, ask)).toContain('must be followed by tool messages');
    expect(complaintAbout(ask, call)).toContain('must be followed by tool messages');
    expect(complaintAbout(ask, tool)).toContain('must be a response to a preceding message');
  });
});

describe('the scripted server as Gemini', () => {
  const question = { role: 'user', parts: [{ text: 'why?' }] };
  const call = { role: 'model', parts: [{ functionCall: { name: 'look' } }] };
  const response = { role: 'user', parts: [{ functionResponse: { name: 'look' } }] };

  it('wants as many results as calls, one turn behind the other', () => {
    const complaintAbout = (...contents: object[]): string | undefined => gemini.complaintAbout!({ contents });
    expect(complaintAbout(question, call, response)).toBeUndefined();
    expect(complaintAbout(question, call, question)).toContain('number of function response parts');
    expect(complaintAbout(call, response)).toContain('function call turn comes immediately after');
    expect(complaintAbout(question, response)).toContain('function response turn comes immediately after');
    expect(complaintAbout({ role: 'user', parts: [] })).toContain('must not be empty');
  });
});
