import type { LiveEvent } from '@tarsy/contracts';
import { liveEventSchema } from '@tarsy/contracts';
import type { SessionLogContent } from '@tarsy/messaging';
import { describe, expect, it } from 'vitest';
import { SessionEvents } from './session-events.js';
import {
  CHAT_STAGE_ID,
  chatStage,
  concluded,
  EXECUTION_ID,
  executionStatus,
  journal,
  lifecycle,
  numbered,
  question,
  SESSION_ID,
  sessionStatus,
  stageStatus,
  toolRequested,
  toolResult,
  turn,
  WHOLE_SESSION,
} from './session-log.fixture.js';

function told(...contents: readonly SessionLogContent[]): LiveEvent[] {
  const events = new SessionEvents(SESSION_ID);
  return numbered(contents).flatMap((message) => events.of(message));
}

const brief = (event: LiveEvent): string =>
  [event.type, 'event_type' in event ? event.event_type : '', 'status' in event ? event.status : '']
    .filter((part) => part !== '')
    .join(' ');

describe(SessionEvents.name, () => {
  it('tells a whole session in the order of its log', () => {
    expect(told(...WHOLE_SESSION).map(brief)).toEqual([
      'session.status in_progress',
      'stage.status started',
      'session.progress',
      'execution.status active',
      'session.progress',
      'timeline_event.created llm_thinking streaming',
      'timeline_event.completed llm_thinking completed',
      'timeline_event.created llm_response streaming',
      'timeline_event.completed llm_response completed',
      'interaction.created',
      'timeline_event.created llm_tool_call streaming',
      'timeline_event.completed llm_tool_call completed',
      'interaction.created',
      'timeline_event.created llm_response streaming',
      'timeline_event.completed llm_response completed',
      'interaction.created',
      'timeline_event.created final_analysis completed',
      'execution.status completed',
      'session.progress',
      'stage.status completed',
      'session.progress',
      'session.status completed',
    ]);
  });

  it('tells only what the contract of the API allows', () => {
    for (const event of told(...WHOLE_SESSION)) expect(liveEventSchema.parse(event)).toEqual(event);
  });

  it('says nothing of waiting stages and executions, nor of a cancellation that was only asked for', () => {
    expect(told(stageStatus(1, 'pending'), executionStatus(2, 'pending'), sessionStatus(3, 'cancelling'))).toEqual([]);
  });

  it('counts the executions that run', () => {
    const progress = told(stageStatus(1, 'active'), executionStatus(2, 'active'), executionStatus(3, 'completed'))
      .filter((event) => event.type === 'session.progress')
      .map((event) => event.active_executions);
    expect(progress).toEqual([0, 1, 0]);
  });

  it('announces a streamed answer empty and completes it with its text', () => {
    const [created, completed] = told(turn(2, 1, 'All is well.'));
    expect(created).toMatchObject({ status: 'streaming', content: '' });
    expect(completed).toMatchObject({ status: 'completed', content: 'All is well.' });
    expect((created as { event_id: string }).event_id).toBe((completed as { event_id: string }).event_id);
  });

  it('gives the end of a tool call what its beginning said of it', () => {
    const completed = told(toolRequested(2, '1-0'), toolResult('1-0', 'ok')).find(
      (event) => event.type === 'timeline_event.completed',
    );
    expect(completed?.metadata).toMatchObject({ server_name: 'host', tool_name: 'disk_usage', is_error: false });
  });

  it('ends open tool calls with the execution', () => {
    const events = told(toolRequested(2, '1-0'), concluded(3, 'cancelled'));
    expect(events.map(brief)).toEqual([
      'timeline_event.created llm_tool_call streaming',
      'timeline_event.completed llm_tool_call cancelled',
    ]);
  });

  it('names the parent of a sub-agent in all its events', () => {
    const parentExecutionId = '01890a5d-ac96-774b-bcce-b302099a8057';
    const { event } = executionStatus(1, 'active') as Extract<SessionLogContent, { kind: 'lifecycle' }>;
    const child = lifecycle(1, { ...event, parentExecutionId } as never);
    const events = told(child, turn(2, 1, 'done')).filter((each) => each.type !== 'interaction.created');
    expect(events.map((each) => (each as { parent_execution_id?: string }).parent_execution_id)).toEqual([
      parentExecutionId,
      parentExecutionId,
      parentExecutionId,
    ]);
  });

  it('knows that the session is over', () => {
    const events = new SessionEvents(SESSION_ID);
    const over = numbered(WHOLE_SESSION).map((message) => {
      events.of(message);
      return events.isOver;
    });
    expect(over.indexOf(true)).toBe(WHOLE_SESSION.length - 1);
  });

  it('tells a question, its answer, and no progress of the session with them', () => {
    const events = told(
      ...WHOLE_SESSION.slice(0, 4),
      sessionStatus(5, 'completed'),
      chatStage(6, 'active'),
      question(7, 'Which disk?'),
      chatStage(8, 'completed'),
      question(9, 'Why?', false),
    ).slice(-5);
    expect(events).toMatchObject([
      { type: 'stage.status', stage_type: 'chat', status: 'started' },
      { type: 'chat.created', chat_id: expect.any(String), created_by: 'ann' },
      {
        ...{ type: 'timeline_event.created', event_type: 'user_question', status: 'completed', sequence_number: 1 },
        ...{ content: 'Which disk?', metadata: { author: 'ann' }, stage_id: CHAT_STAGE_ID, execution_id: EXECUTION_ID },
      },
      { type: 'stage.status', status: 'completed' },
      { type: 'timeline_event.created', content: 'Why?' },
    ]);
    for (const event of events) expect(liveEventSchema.parse(event)).toEqual(event);
  });

  it('knows that the session is not over while a question about it is being answered', () => {
    const events = new SessionEvents(SESSION_ID);
    const log = [sessionStatus(1, 'completed'), chatStage(2, 'active'), question(3, 'x'), chatStage(4, 'cancelled')];
    const over = numbered(log).map((message) => {
      events.of(message);
      return events.isOver;
    });
    expect(over).toEqual([true, false, false, true]);
  });

  it('knows from an answer that the session has ended, where the rest of the log is gone', () => {
    const events = new SessionEvents(SESSION_ID);
    for (const message of numbered([chatStage(2, 'active'), chatStage(4, 'completed')])) events.of(message);
    expect(events.isOver).toBe(true);
  });

  it('says nothing of what only workers need', () => {
    expect(told(journal(1, { type: 'claimed', workerId: 'worker', wakeCount: 0 }))).toEqual([]);
  });
});
