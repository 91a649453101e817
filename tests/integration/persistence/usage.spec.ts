import { usageSummarySchema, sessionDetailSchema, type UsageSummary } from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import { AgentExecution, AlertSession, migrate, SessionsReader, Stage, type UsageFilter } from '@tarsy/persistence';
import type { DataSource } from 'typeorm';
import { beforeEach, describe, expect, it } from 'vitest';
import { Databases } from './database.js';

const databases = new Databases();
let database: DataSource;

const day = (text: string): Date => new Date(`${text}T00:00:00.000Z`);
const idOf = (name: string): string => derivedId('usage', name);

interface Call {
  readonly model?: string;
  readonly tokens: number | null;
  readonly costUsd?: number;
}

/** A session of that day with one execution that made these calls. */
async function store(
  name: string,
  created: string,
  calls: Call[],
  changes: Partial<AlertSession> = {},
): Promise<string> {
  const id = idOf(name);
  const session = { id, alertData: name, alertType: 'DiskFull', chainId: 'disk', status: 'completed', severity: 'warning', priorityRank: 2, title: name, source: 'api', createdAt: day(created) } as const; // prettier-ignore
  await database.manager.save(Object.assign(new AlertSession(), session, changes));
  const stage = { id: idOf(`${name} stage`), sessionId: id, stageName: 'look', stageIndex: 1, stageType: 'investigation', expectedAgentCount: 1, status: 'completed' } as const; // prettier-ignore
  await database.manager.save(Object.assign(new Stage(), stage));
  const execution = { id: idOf(`${name} execution`), sessionId: id, stageId: stage.id, agentName: 'Host', agentIndex: 1, status: 'completed', llmBackend: 'langchain', llmProvider: 'p', modelName: 'm' } as const; // prettier-ignore
  await database.manager.save(Object.assign(new AgentExecution(), execution));
  for (const [index, { model = 'm', tokens, costUsd }] of calls.entries())
    await database.query(
      `INSERT INTO llm_interactions (id, session_id, stage_id, execution_id, created_at, interaction_type, provider, model_name,
         sequence_number, llm_request, llm_response, input_tokens, output_tokens, total_tokens, duration_ms, estimated_cost_usd)
       VALUES ($1, $2, $3, $4, now(), 'iteration', 'p', $5, 10, '{}', '{}', $6, 0, $6, 5, $7)`,
      [idOf(`${name} call ${index}`), id, stage.id, execution.id, model, tokens, costUsd ?? null],
    );
  return id;
}

async function usage(filter: Partial<UsageFilter> = {}, estimatesCost = true): Promise<UsageSummary> {
  const reader = new SessionsReader(database, estimatesCost);
  return usageSummarySchema.parse(
    await reader.usage({ start: day('2026-03-01'), end: day('2026-04-01'), rankBy: 'cost', ...filter }),
  );
}

beforeEach(async () => {
  database = await databases.connect(await databases.create());
  await migrate(database);
});

describe('usage', () => {
  beforeEach(async () => {
    await store('cheap', '2026-03-01', [{ tokens: 1_000, costUsd: 0.25 }, { tokens: null }]);
    await store('dear', '2026-03-31', [{ tokens: 100, costUsd: 2 }, { model: 'other', tokens: 50 }], { alertType: 'CpuHigh', chainId: 'cpu' }); // prettier-ignore
    await store('idle', '2026-03-15', []);
    await store('later', '2026-04-01', [{ tokens: 9, costUsd: 9 }]);
    await store('deleted', '2026-03-15', [{ tokens: 9, costUsd: 9 }], { deletedAt: day('2026-03-16') });
  });

  it('sums up the sessions of a time, by model, alert type and chain, the dearest first', async () => {
    expect(await usage()).toEqual({
      cost_estimation_enabled: true,
      window: { start: '2026-03-01T00:00:00.000Z', end: '2026-04-01T00:00:00.000Z' },
      rank_by: 'cost',
      totals: {
        session_count: 3,
        input_tokens: 1_150,
        output_tokens: 0,
        total_tokens: 1_150,
        estimated_cost_usd: 2.25,
        average_cost_usd: 0.75,
        cost_completeness: 'partial',
        unpriced_interaction_count: 1,
        unpriced_token_count: 50,
      },
      by_model: [
        { model_name: 'm', session_count: 2, input_tokens: 1_100, output_tokens: 0, total_tokens: 1_100, estimated_cost_usd: 2.25, average_cost_usd: 1.125, priced: true, unpriced_interaction_count: 0 }, // prettier-ignore
        { model_name: 'other', session_count: 1, input_tokens: 50, output_tokens: 0, total_tokens: 50, priced: false, unpriced_interaction_count: 1 }, // prettier-ignore
      ],
      by_alert_type: [
        { alert_type: 'CpuHigh', session_count: 1, total_tokens: 150, estimated_cost_usd: 2, average_cost_usd: 2 },
        { alert_type: 'DiskFull', session_count: 2, total_tokens: 1_000, estimated_cost_usd: 0.25, average_cost_usd: 0.125 }, // prettier-ignore
      ],
      by_chain: [
        { chain_id: 'cpu', session_count: 1, total_tokens: 150, estimated_cost_usd: 2, average_cost_usd: 2 },
        { chain_id: 'disk', session_count: 2, total_tokens: 1_000, estimated_cost_usd: 0.25, average_cost_usd: 0.125 },
      ],
      top_sessions: [
        { session_id: idOf('dear'), alert_type: 'CpuHigh', chain_id: 'cpu', total_tokens: 150, estimated_cost_usd: 2, cost_completeness: 'partial', created_at: '2026-03-31T00:00:00.000Z' }, // prettier-ignore
        { session_id: idOf('cheap'), alert_type: 'DiskFull', chain_id: 'disk', total_tokens: 1_000, estimated_cost_usd: 0.25, cost_completeness: 'complete', created_at: '2026-03-01T00:00:00.000Z' }, // prettier-ignore
      ],
    });
  });

  it('ranks by tokens, and filters by alert type and chain', async () => {
    const byTokens = await usage({ rankBy: 'tokens' });
    expect(byTokens.top_sessions.map(({ session_id }) => session_id)).toEqual([idOf('cheap'), idOf('dear')]);
    expect((await usage({ alertType: 'CpuHigh' })).totals.session_count).toBe(1);
    expect((await usage({ chainId: 'nothing' })).totals).toMatchObject({ session_count: 0, total_tokens: 0 });
  });

  it('shows no costs where estimation is off', async () => {
    const summary = await usage({ rankBy: 'tokens' }, false);
    expect(JSON.stringify(summary)).not.toMatch(/cost_usd|cost_completeness|unpriced|priced/);
    expect(summary.totals.total_tokens).toBe(1_150);
  });
});

describe('the cost of a session', () => {
  it('is shown with how much of it is known, in the list, in the detail, and for each execution', async () => {
    const id = await store('some', '2026-03-01', [{ tokens: 100, costUsd: 0.5 }, { tokens: 100 }, { tokens: null }]);
    const [unknown, none] = [
      await store('unknown', '2026-03-02', [{ tokens: 5 }]),
      await store('none', '2026-03-03', []),
    ];
    const reader = new SessionsReader(database, true);
    const cost = { estimated_cost_usd: 0.5, cost_completeness: 'partial' };
    const detail = sessionDetailSchema.parse(await reader.find(id));
    expect(detail).toMatchObject({ cost_estimation_enabled: true, ...cost, unpriced_interaction_count: 1 });
    expect(detail.stages[0]?.executions?.[0]).toMatchObject(cost);
    expect(await reader.summary(id)).toMatchObject({ cost_estimation_enabled: true, ...cost });
    const { sessions } = await reader.list({ page: 1, pageSize: 9, sortBy: 'created_at', sortOrder: 'asc' });
    expect(sessions[0]).toMatchObject(cost);
    expect((await reader.find(unknown))?.cost_completeness).toBe('none');
    expect(await reader.find(none)).not.toHaveProperty('cost_completeness');
    expect(await new SessionsReader(database).find(id)).toMatchObject({ cost_estimation_enabled: false });
    expect(await new SessionsReader(database).find(id)).not.toHaveProperty('estimated_cost_usd');
  });
});
