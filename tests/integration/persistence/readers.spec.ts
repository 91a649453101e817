import { sessionDetailSchema, sessionListSchema } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import {
  AlertSession,
  migrate,
  SessionsReader,
  Stage,
  TimelineEventRow,
  type SessionListFilter,
} from '@tarsy/persistence';
import type { DataSource } from 'typeorm';
import { beforeEach, describe, expect, it } from 'vitest';
import { Databases } from './database.js';

const databases = new Databases();
let database: DataSource;
let reader: SessionsReader;

beforeEach(async () => {
  database = await databases.connect(await databases.create());
  await migrate(database);
  reader = new SessionsReader(database);
});

const START = Date.parse('2026-03-04T05:00:00.000Z');
const idOf = (name: string): string => derivedId('readers', name);
const minutes = (count: number): Date => new Date(START + count * 60_000);

async function store(name: string, changes: Partial<AlertSession> = {}): Promise<string> {
  const session = Object.assign(new AlertSession(), {
    id: idOf(name),
    alertData: `alert ${name}`,
    alertType: 'DiskFull',
    chainId: 'disk',
    status: 'completed',
    severity: 'warning',
    priorityRank: 2,
    title: name,
    source: 'api',
    createdAt: minutes(0),
    ...changes,
  } satisfies Partial<AlertSession>);
  await database.manager.save(session);
  return session.id;
}

async function storeStage(session: string, stageIndex: number, changes: Partial<Stage> = {}): Promise<string> {
  const id = idOf(`${session} stage ${stageIndex}`);
  const stage = { id, sessionId: idOf(session), stageName: 'look', stageIndex, stageType: 'investigation', expectedAgentCount: 1, status: 'completed' } as const; // prettier-ignore
  await database.manager.save(Object.assign(new Stage(), stage, changes));
  return id;
}

async function storeEvent(session: string, content: string, changes: Partial<TimelineEventRow> = {}): Promise<void> {
  const sessionId = idOf(session);
  const event = {
    ...{ id: idOf(`${session} ${content}`), sessionId, stageId: idOf('stage'), executionId: idOf('execution') },
    ...{ createdAt: minutes(0), updatedAt: minutes(0), sequenceNumber: 10, metadata: {} },
    ...({ eventType: 'llm_response', status: 'completed' } as const),
    content,
  };
  await database.manager.save(Object.assign(new TimelineEventRow(), event, changes));
}

async function countCalls(session: string, inputTokens: (number | null)[]): Promise<void> {
  for (const [index, tokens] of inputTokens.entries())
    await database.query(
      `INSERT INTO llm_interactions (id, session_id, stage_id, execution_id, created_at, interaction_type, provider, model_name,
         sequence_number, llm_request, llm_response, input_tokens, output_tokens, total_tokens, duration_ms)
       VALUES ($1, $2, $3, $3, now(), 'iteration', 'p', 'm', 10, '{}', '{}', $4, $4, $4, 5)`,
      [idOf(`${session} call ${index}`), idOf(session), idOf('execution'), tokens],
    );
}

const list = async (filter: Partial<SessionListFilter> = {}): Promise<string[]> => {
  const page = await reader.list({ page: 1, pageSize: 100, sortBy: 'created_at', sortOrder: 'desc', ...filter });
  return sessionListSchema.parse(page).sessions.map(({ id }) => id);
};
const idsOf = (...names: string[]): string[] => names.map(idOf);

describe('the list of sessions', () => {
  it('of an empty database is empty, with no pages', async () => {
    expect(await reader.list({ page: 3, pageSize: 10, sortBy: 'created_at', sortOrder: 'desc' })).toMatchObject({
      sessions: [],
      pagination: { page: 3, page_size: 10, total_pages: 0, total_items: 0 },
    });
  });

  it('has each session on one page, in the same order every time, also where the sort keys are the same', async () => {
    for (let number = 0; number < 23; number++) await store(`s${number}`);
    for (const sortBy of [
      'created_at',
      'status',
      'alert_type',
      'author',
      'duration',
      'score',
      'quality_rating',
    ] as const)
      for (const sortOrder of ['asc', 'desc'] as const) {
        const pages = await Promise.all(
          [1, 2, 3, 4].map((page) => reader.list({ page, pageSize: 7, sortBy, sortOrder })),
        );
        expect(pages.map(({ sessions }) => sessions.length)).toEqual([7, 7, 7, 2]);
        expect(new Set(pages.flatMap(({ sessions }) => sessions.map(({ id }) => id))).size).toBe(23);
        expect(pages[0]?.pagination).toEqual({ page: 1, page_size: 7, total_pages: 4, total_items: 23 });
      }
    expect((await reader.list({ page: Number.MAX_SAFE_INTEGER, pageSize: 100, sortBy: 'status', sortOrder: 'asc' })).sessions).toEqual([]); // prettier-ignore
  });

  it('sorts by what is asked for, sessions without a value last', async () => {
    await store('none', { createdAt: minutes(1) });
    await store('short', { createdAt: minutes(2), author: 'bob', startedAt: minutes(2), completedAt: minutes(3) });
    await store('long', { createdAt: minutes(3), author: 'ann', startedAt: minutes(3), completedAt: minutes(9) });
    expect(await list()).toEqual(idsOf('long', 'short', 'none'));
    expect(await list({ sortOrder: 'asc' })).toEqual(idsOf('none', 'short', 'long'));
    expect(await list({ sortBy: 'duration' })).toEqual(idsOf('long', 'short', 'none'));
    expect(await list({ sortBy: 'duration', sortOrder: 'asc' })).toEqual(idsOf('short', 'long', 'none'));
    expect(await list({ sortBy: 'author', sortOrder: 'asc' })).toEqual(idsOf('long', 'short', 'none'));
  });

  it('has those that fit every filter, and no deleted one', async () => {
    await store('a', {
      status: 'failed',
      alertType: 'Slow',
      chainId: 'web',
      createdAt: minutes(1),
      reviewStatus: 'needs_review',
    });
    await store('b', { status: 'completed', alertType: 'Slow', createdAt: minutes(2) });
    await store('deleted', { status: 'failed', deletedAt: minutes(9) });
    expect(await list()).toEqual(idsOf('b', 'a'));
    expect(await list({ statuses: ['failed', 'cancelled'] })).toEqual(idsOf('a'));
    expect(await list({ statuses: [] })).toEqual([]);
    expect(await list({ alertType: 'Slow' })).toEqual(idsOf('b', 'a'));
    expect(await list({ alertType: 'Slow', chainId: 'disk' })).toEqual(idsOf('b'));
    expect(await list({ reviewStatuses: ['needs_review'] })).toEqual(idsOf('a'));
    expect(await list({ createdFrom: minutes(2) })).toEqual(idsOf('b'));
    expect(await list({ createdBefore: minutes(2) })).toEqual(idsOf('a'));
    expect(await list({ scoringStatus: 'not_scored' })).toEqual(idsOf('b', 'a'));
    expect(await list({ scoringStatus: 'scored' })).toEqual([]);
  });

  it.each([
    ['50%', '50% of disk'],
    ['50%', 'CPU at 50%'],
    ['a_b', 'var_a_b_c'],
    [String.raw`C:\temp`, String.raw`file C:\temp\x`],
    [String.raw`\\`, String.raw`share \\host`],
    [`it's`, `it's "here"`],
    ['диск', 'ДИСК заполнен'],
    ['磁盘已', '告警:磁盘已满'],
    ['😀😀😀', 'x 😀😀😀 y'],
    ['$1); --', 'a $1); -- b'],
    ['AND OR', 'one and or two'],
  ])('finds %j as it is written', async (search, text) => {
    await store('hit', { alertData: text });
    await store('in the analysis', { finalAnalysis: text, createdAt: minutes(-1) });
    await store('miss', { alertData: 'nothing of the kind: 500 aXb C:temp' });
    expect(await list({ search })).toEqual(idsOf('hit', 'in the analysis'));
  });

  it.each(['%%%', '___', '\\\\\\', '&|!', ":*'", '<->', '\u0000\u0000\u0000', '\ud800\ud800\ud800', '   '])(
    'stands a search for %j',
    async (search) => {
      await store('any', { alertData: 'plain', finalAnalysis: null });
      await storeEvent('any', 'plain');
      await expect(list({ search, alertType: search, chainId: search })).resolves.toEqual([]);
    },
  );

  it('finds words of the timeline, and says that they were found there', async () => {
    await store('talks');
    await storeEvent('talks', 'The filesystems were filling up.');
    await store('silent');
    const page = await reader.list({
      page: 1,
      pageSize: 10,
      sortBy: 'created_at',
      sortOrder: 'desc',
      search: 'filesystem fill',
    });
    expect(page.sessions).toMatchObject([{ id: idOf('talks'), matched_in_content: true }]);
    const direct = await reader.list({
      page: 1,
      pageSize: 10,
      sortBy: 'created_at',
      sortOrder: 'desc',
      search: 'ALERT TALKS',
    });
    expect(direct.sessions).toMatchObject([{ id: idOf('talks'), matched_in_content: false }]);
  });

  it('counts stages, calls and tokens of each session, more than fit an integer', async () => {
    await store('busy');
    await storeStage('busy', 1, { parallelType: 'replica' });
    await storeStage('busy', 2, { status: 'failed' });
    await countCalls('busy', [2_000_000_000, 2_000_000_000, null]);
    await store('idle', { createdAt: minutes(-1) });
    const page = await reader.list({ page: 1, pageSize: 10, sortBy: 'created_at', sortOrder: 'desc' });
    expect(page.sessions).toMatchObject([
      { total_stages: 2, completed_stages: 1, has_parallel_stages: true, llm_interaction_count: 3, input_tokens: 4e9 },
      { total_stages: 0, completed_stages: 0, has_parallel_stages: false, llm_interaction_count: 0, input_tokens: 0 },
    ]);
    expect(await reader.find(idOf('busy'))).toMatchObject({ total_tokens: 4e9, failed_stages: 1 });
  });
});

describe('a session', () => {
  it('says whether its chain has a chat', async () => {
    const [open, closed] = [await store('open'), await store('closed', { chatEnabled: false })];
    expect(sessionDetailSchema.parse(await reader.find(open)).chat_enabled).toBe(true);
    expect(sessionDetailSchema.parse(await reader.find(closed)).chat_enabled).toBe(false);
  });

  it('says what its alert is about, and which stages were planned when it was admitted', async () => {
    const agents = [{ name: 'Host', model: {} }];
    const plan = { stages: [{ name: 'look', type: 'investigation', agents }], executiveSummary: { name: 'Summary' } };
    const [admitted, waiting] = [await store('admitted', { plan, severity: 'critical' }), await store('waiting')];
    expect(sessionDetailSchema.parse(await reader.find(admitted))).toMatchObject({
      title: 'admitted',
      severity: 'critical',
      planned_stages: [
        { stage_name: 'look', stage_type: 'investigation', agents: ['Host'] },
        { stage_name: 'Executive Summary', stage_type: 'exec_summary', agents: ['Summary'] },
      ],
    });
    expect((await reader.find(waiting))?.planned_stages).toEqual([]);
    const { sessions } = await reader.list({ page: 1, pageSize: 9, sortBy: 'alert_type', sortOrder: 'asc' });
    expect(sessions.map(({ title, severity }) => [title, severity])).toEqual(
      expect.arrayContaining([
        ['admitted', 'critical'],
        ['waiting', 'warning'],
      ]),
    );
  });

  it('is gone with everything in it once it was deleted', async () => {
    const id = await store('deleted', { deletedAt: minutes(9) });
    await storeStage('deleted', 1);
    await storeEvent('deleted', 'secret');
    await countCalls('deleted', [1]);
    for (const found of [
      reader.find(id),
      reader.status(id),
      reader.summary(id),
      reader.llmInteraction(id, idOf('deleted call 0')),
    ])
      expect(await found).toBeUndefined();
    expect(await reader.timeline(id)).toEqual([]);
    expect(await reader.trace(id)).toEqual({ stages: [], session_interactions: [] });
    expect((await reader.filterOptions()).alert_types).toEqual([]);
  });

  it('does not give out what belongs to another', async () => {
    const [mine, other] = [await store('mine'), await store('other')];
    await countCalls('mine', [1]);
    expect(await reader.llmInteraction(mine, idOf('mine call 0'))).toMatchObject({ input_tokens: 1 });
    expect(await reader.llmInteraction(other, idOf('mine call 0'))).toBeUndefined();
  });
});

describe('active sessions', () => {
  it('are the running ones by start, and the queued ones in the order in which they will be admitted', async () => {
    await store('second', { status: 'cancelling', startedAt: minutes(2) });
    await store('first', { status: 'in_progress', startedAt: minutes(1) });
    await store('low', { status: 'pending', priorityRank: 3, createdAt: minutes(1) });
    await store('urgent', { status: 'pending', priorityRank: 0, createdAt: minutes(5) });
    await store('over');
    const { active, queued } = await reader.active();
    expect(active.map(({ id }) => id)).toEqual(idsOf('first', 'second'));
    expect(queued.map(({ id, queue_position }) => [id, queue_position])).toEqual([
      [idOf('urgent'), 1],
      [idOf('low'), 2],
    ]);
  });
});
