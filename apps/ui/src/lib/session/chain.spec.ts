import type { SessionDetail } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { agentsById, chainOf, NOTHING_LIVE } from './chain';

const execution = (id: string, status: string, extra = {}) => ({ execution_id: id, agent_name: `agent ${id}`, status, total_tokens: 0, started_at: null, duration_ms: null, error_message: null, llm_provider: 'p', ...extra }); // prettier-ignore
const planned = (name: string, type: string, ...agents: string[]) => ({ stage_name: name, stage_type: type, agents });
const detail = (status: string, stages: object[], planned_stages: object[] = []): SessionDetail =>
  ({ status, stages, planned_stages }) as unknown as SessionDetail;
const stage = (id: string, index: number, status: string, executions: object[] = []) => ({ id, stage_name: id, stage_index: index, stage_type: 'investigation', status, executions }); // prettier-ignore

describe(chainOf.name, () => {
  const plan = [
    planned('look', 'investigation', 'a'),
    planned('mend', 'action', 'b', 'c'),
    planned('Executive Summary', 'exec_summary', 'd'),
  ];
  const running = detail('in_progress', [stage('look', 1, 'active', [execution('a', 'pending')])], plan);

  it('shows what ran, runs and comes', () => {
    const chain = chainOf(running, { stages: {}, executions: { a: 'active' } });
    expect(chain.map(({ index, name, status }) => [index, name, status])).toEqual([
      [1, 'look', 'active'],
      [2, 'mend', 'pending'],
      [3, 'Executive Summary', 'pending'],
    ]);
    expect(chain[0]?.agents[0]).toMatchObject({ status: 'active', model: 'p' });
    expect(chain.map(({ comingAgents }) => comingAgents)).toEqual([[], ['b', 'c'], ['d']]);
  });

  it('counts a synthesis that nobody planned as none of the planned stages', () => {
    const merged = detail(
      'in_progress',
      [stage('look', 1, 'completed'), { ...stage('look - Synthesis', 2, 'active'), stage_type: 'synthesis' }],
      plan,
    );
    expect(chainOf(merged, NOTHING_LIVE).map(({ name }) => name)).toEqual([
      'look',
      'look - Synthesis',
      'mend',
      'Executive Summary',
    ]);
  });

  it('expects nothing more of a session that has ended', () => {
    expect(chainOf(detail('failed', running.stages, plan), NOTHING_LIVE)).toHaveLength(1);
  });

  it('says what an agent cost and which model had to be replaced', () => {
    const replaced = {
      ...{ model_name: 'spare', original_model_name: 'best', fallback_reason: 'too busy' },
      ...{ estimated_cost_usd: 0.5, cost_completeness: 'partial', total_tokens: 9 },
    };
    const unpriced = { estimated_cost_usd: 0, cost_completeness: 'none', total_tokens: 9 };
    const [first] = chainOf(
      detail('completed', [stage('s', 1, 'completed', [execution('a', 'completed', replaced), execution('b', 'completed', unpriced)])]), // prettier-ignore
      NOTHING_LIVE,
    );
    expect(first?.agents).toMatchObject([
      { model: 'spare', fallback: { model: 'best', reason: 'too busy' }, costUsd: 0.5, isCostPartial: true },
      { fallback: undefined, costUsd: undefined },
    ]);
  });

  it('never takes an end back', () => {
    const ended = detail('in_progress', [stage('look', 1, 'completed')]);
    expect(chainOf(ended, { ...NOTHING_LIVE, stages: { look: 'started' } })[0]?.status).toBe('completed');
  });
});

describe(agentsById.name, () => {
  it('finds sub-agents too', () => {
    const chain = chainOf(
      detail('in_progress', [
        stage('s', 1, 'active', [execution('a', 'active', { sub_agents: [execution('b', 'active')] })]),
      ]),
      NOTHING_LIVE,
    );
    expect([...agentsById(chain).keys()]).toEqual(['a', 'b']);
  });
});
