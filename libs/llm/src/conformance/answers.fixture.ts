import { expect } from 'vitest';
import type { ConversationMessage } from '../language-model.js';
import { DISK_TOOL, type ConformanceCase, type Trial } from './trial.fixture.js';

const UMLAUTS = 'größe ✓ 磁盘已满 🔥 – '.repeat(40);

/** What a model says, and how it gets through. */
export const ANSWER_CASES: readonly ConformanceCase[] = [
  {
    feature: 'text, piece by piece',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'The disk is full.', pieces: 5 });
      const answer = await trial.call();
      expect(answer.text).toBe('The disk is full.');
      const pieces = answer.events.filter((event) => event.type === 'text-delta' && event.text !== '');
      expect(pieces.length).toBeGreaterThanOrEqual(5);
      expect(answer.finish.stopReason).toBe('stop');
    },
  },
  {
    feature: 'thinking, apart from the text',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ thinking: 'Let me see.', text: 'It is the disk.' });
      const answer = await trial.call();
      expect([answer.thinking, answer.text]).toEqual(['Let me see.', 'It is the disk.']);
    },
  },
  {
    feature: 'signed thinking goes back with the next call',
    absent: { 'openai-chat': 'the API has no place for it' },
    run: async (trial: Trial): Promise<void> => {
      const toolCalls = [{ name: DISK_TOOL.name, arguments: {} }];
      trial.play({ thinking: 'Let me see.', signature: 'c2lnbmF0dXJl', toolCalls }, { text: 'ok' });
      const first = await trial.call({ tools: [DISK_TOOL] });
      const messages = await nextConversation(trial, first);
      expect(JSON.stringify(messages)).toContain('c2lnbmF0dXJl');
    },
  },
  {
    feature: 'signed thinking of another model stays out',
    absent: { 'openai-chat': 'the API has no place for it' },
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'ok' });
      const state = { source: 'another/model', data: [{ type: 'thinking', thinking: 'x', signature: 'c2lnbmF0dXJl' }] };
      await trial.call({ messages: conversationWith({ vendorState: state }), tools: [DISK_TOOL] });
      expect(JSON.stringify((await trial.request()).body)).not.toContain('c2lnbmF0dXJl');
    },
  },
  {
    feature: 'one tool call',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'I look.', toolCalls: [{ name: DISK_TOOL.name, arguments: { path: '/var' } }] });
      const answer = await trial.call({ tools: [DISK_TOOL] });
      const [call] = answer.toolCalls;
      expect(call).toMatchObject({ name: DISK_TOOL.name, vendorCallId: expect.stringMatching(/./) });
      expect(JSON.parse(call!.argumentsText)).toEqual({ path: '/var' });
      expect(answer.finish.stopReason).toBe('tool-calls');
    },
  },
  {
    feature: 'several tool calls in one answer, in order',
    run: async (trial: Trial): Promise<void> => {
      const toolCalls = ['/', '/var', '/tmp'].map((path) => ({ name: DISK_TOOL.name, arguments: { path } }));
      trial.play({ toolCalls });
      const { toolCalls: calls } = await trial.call({ tools: [DISK_TOOL] });
      expect(calls.map(({ argumentsText }) => JSON.parse(argumentsText) as unknown)).toEqual(toolCalls.map((call) => call.arguments)); // prettier-ignore
      expect(new Set(calls.map(({ vendorCallId }) => vendorCallId)).size).toBe(3);
    },
  },
  {
    feature: 'tool calls cut into many pieces',
    absent: { gemini: 'the API sends calls whole' },
    run: async (trial: Trial): Promise<void> => {
      const path = `/var/lib/${'größe'.repeat(20)}`;
      trial.play({ toolCalls: [{ name: DISK_TOOL.name, arguments: { path } }], pieces: 40 });
      const { toolCalls } = await trial.call({ tools: [DISK_TOOL] });
      expect(JSON.parse(toolCalls[0]!.argumentsText)).toEqual({ path });
    },
  },
  {
    feature: 'arguments that are no JSON, as received',
    absent: { gemini: 'the API sends arguments as an object' },
    run: async (trial: Trial): Promise<void> => {
      trial.play({ toolCalls: [{ name: DISK_TOOL.name, arguments: '{"path": "/var' }] });
      const { toolCalls } = await trial.call({ tools: [DISK_TOOL] });
      expect(toolCalls[0]!.argumentsText).toBe('{"path": "/var');
    },
  },
  {
    feature: 'a conversation with calls and results goes on',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'ok' });
      await trial.call({ messages: conversationWith({}), tools: [DISK_TOOL] });
      const body = JSON.stringify((await trial.request()).body);
      for (const said of ['You find causes.', 'What is wrong?', '91 percent full', 'no such path', 'path: /home'])
        expect(body).toContain(said);
    },
  },
  {
    feature: 'tool names that the API refuses, there and back',
    run: async (trial: Trial): Promise<void> => {
      const name = `server__${'x'.repeat(80)}.list`;
      const tool = { ...DISK_TOOL, name };
      trial.server.script({
        name: 'script',
        turns: (body) => ({ toolCalls: [{ name: /server__x+_[0-9a-f]{8}/.exec(JSON.stringify(body))![0], arguments: {} }] }), // prettier-ignore
      });
      const { toolCalls } = await trial.call({ tools: [tool] });
      expect(toolCalls[0]!.name).toBe(name);
    },
  },
  {
    feature: 'usage: input, cached input, output, thinking',
    run: async (trial: Trial): Promise<void> => {
      const usage = { inputTokens: 120, cachedInputTokens: 100, outputTokens: 50, thinkingTokens: 30 };
      trial.play({ text: 'ok', usage });
      const { finish } = await trial.call();
      expect(finish.usage).toEqual(usage);
    },
  },
  {
    feature: 'an answer without usage',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'ok', usage: null });
      expect((await trial.call()).finish.usage).toBeNull();
    },
  },
  {
    feature: 'an empty answer',
    run: async (trial: Trial): Promise<void> => {
      trial.play({});
      const answer = await trial.call();
      expect([answer.text, answer.toolCalls, answer.finish.stopReason]).toEqual(['', [], 'stop']);
    },
  },
  {
    feature: 'an answer cut off at its longest',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ text: 'The cause is', finishReason: trial.subject.words.length });
      expect((await trial.call()).finish.stopReason).toBe('length');
    },
  },
  {
    feature: 'a refusal',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ refusal: trial.subject.words.refusal });
      await expect(trial.call()).rejects.toMatchObject({
        code: 'CONTENT_REFUSED',
        retryable: false,
        message: expect.stringContaining(trial.subject.words.refusal),
      });
    },
  },
  {
    feature: 'an answer that the vendor filtered',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ finishReason: trial.subject.words.filtered });
      await expect(trial.call()).rejects.toMatchObject({ code: 'CONTENT_REFUSED' });
    },
  },
  {
    feature: 'characters cut in two on the wire',
    run: async (trial: Trial): Promise<void> => {
      trial.play({ thinking: UMLAUTS, text: UMLAUTS, bytesPerWrite: 7 });
      const answer = await trial.call();
      expect([answer.thinking, answer.text]).toEqual([UMLAUTS, UMLAUTS]);
    },
  },
  {
    feature: '200 KB in one answer',
    run: async (trial: Trial): Promise<void> => {
      const text = 'disk größe '.repeat(18_000);
      trial.play({ text, pieces: 400 });
      expect((await trial.call()).text === text).toBe(true);
    },
  },
];

/** A conversation in which a tool was called twice, once in vain. */
function conversationWith(changes: Partial<ConversationMessage & { role: 'assistant' }>): ConversationMessage[] {
  const { name } = DISK_TOOL;
  return [
    { role: 'system', content: 'You find causes.' },
    { role: 'user', content: 'What is wrong?' },
    {
      role: 'assistant',
      text: 'I look.',
      toolCalls: [
        { callId: '1-1', vendorCallId: 'v:1', name, argumentsText: '{"path":"/"}' },
        { callId: '1-2', vendorCallId: 'v:2', name, argumentsText: 'path: /home' },
      ],
      ...changes,
    },
    { role: 'tool', callId: '1-1', vendorCallId: 'v:1', name, content: '91 percent full', isError: false },
    { role: 'tool', callId: '1-2', vendorCallId: 'v:2', name, content: 'no such path', isError: true },
  ];
}

/** Body of a second call, after the tools of the first answer were run. */
async function nextConversation(trial: Trial, first: Awaited<ReturnType<Trial['call']>>): Promise<unknown> {
  const toolCalls = first.toolCalls.map(({ type: _type, ...call }, index) => ({ callId: `1-${index + 1}`, ...call }));
  const { vendorState } = first.finish;
  await trial.call({
    tools: [DISK_TOOL],
    messages: [
      { role: 'user', content: 'What is wrong?' },
      { role: 'assistant', text: '', toolCalls, ...(vendorState === undefined ? {} : { vendorState }) },
      ...toolCalls.map(({ callId, vendorCallId, name }) => ({ role: 'tool' as const, callId, vendorCallId, name, content: '91 percent', isError: false })), // prettier-ignore
    ],
  });
  return (await trial.request(2)).body;
}
