import type { StageView } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '#lib/live/timeline';
import type { ChainStage } from '#lib/session/chain';
import { chatTurnsOf, type ChatTurn } from './chat-turns';

const item = (id: string, type: string, content: string, extra: object = {}): TimelineItem =>
  ({ id, type, content, stageId: 's', executionId: 'e', status: 'completed', metadata: {}, createdAt: '2', ...extra }) as unknown as TimelineItem; // prettier-ignore
const question = item('q', 'user_question', 'Which disk?', { metadata: { author: 'ann' } });
const stage = (status: string): ChainStage => ({ id: 's', status, agents: [{ executionId: 'e' }] }) as unknown as ChainStage; // prettier-ignore
const turns = (items: TimelineItem[], stages: ChainStage[] = [], views: object[] = []): ChatTurn[] =>
  chatTurnsOf(['s'], views as StageView[], stages, items);
const stepsOf = (turn: ChatTurn | undefined): string[] | undefined => turn?.steps.map(({ id }) => id);

describe(chatTurnsOf.name, () => {
  it('knows a question from its event before the session was read again', () => {
    expect(turns([question])).toMatchObject([
      { stageId: 's', question: 'Which disk?', author: 'ann', isOpen: true, answer: '', steps: [] },
    ]);
  });

  it('takes what is being written for the answer, until it turns out to be a remark before a tool call', () => {
    const text = item('t', 'llm_response', 'I look.', { status: 'streaming' });
    expect(turns([question, text], [stage('active')])[0]).toMatchObject({ answer: 'I look.', steps: [] });
    const [turn] = turns([question, { ...text, status: 'completed' }, item('c', 'llm_tool_call', '')], [stage('active')]); // prettier-ignore
    expect(turn?.answer).toBe('');
    expect(stepsOf(turn)).toEqual(['t', 'c']);
  });

  it('tells the final answer once', () => {
    const items = [
      question,
      item('c', 'llm_tool_call', 'result'),
      item('t', 'llm_response', 'The one at /.'),
      item('f', 'final_analysis', 'The one at /.'),
    ];
    const [turn] = turns(items, [stage('completed')]);
    expect(turn).toMatchObject({ answer: 'The one at /.', isOpen: false });
    expect(stepsOf(turn)).toEqual(['c']);
  });

  it('keeps what was written of an answer that broke off', () => {
    const items = [
      question,
      item('t', 'llm_response', 'The one at', { status: 'cancelled' }),
      item('x', 'error', 'cancelled by ann'),
    ];
    const stopped = { id: 's', status: 'cancelled', agents: [{ executionId: 'e', errorMessage: 'cancelled by ann' }] };
    expect(turns(items, [stopped as unknown as ChainStage])).toMatchObject([{ answer: 'The one at', steps: [] }]);
  });

  it('never takes what a sub-agent found for the answer', () => {
    const items = [question, item('f', 'final_analysis', 'of a part', { executionId: 'sub' })];
    const [turn] = turns(items, [stage('active')]);
    expect(turn?.answer).toBe('');
    expect(stepsOf(turn)).toEqual(['f']);
  });

  it('reads from what is stored where the log is gone', () => {
    const chat_message = { content: 'Why?', author: 'bob', created_at: '1', answer: 'Because.' };
    expect(turns([], [stage('completed')], [{ id: 's', chat_message }])).toMatchObject([
      { question: 'Why?', author: 'bob', answer: 'Because.', isOpen: false },
    ]);
  });

  it('orders questions by the time they were asked', () => {
    const other = { ...question, id: 'p', stageId: 'r', content: 'First?', createdAt: '1' };
    const found = chatTurnsOf(['s', 'r'], [], [], [question, other]);
    expect(found.map(({ question: text }) => text)).toEqual(['First?', 'Which disk?']);
  });
});
