import type { SessionDetail } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { agentsById, chainOf, NOTHING_LIVE } from './chain';

const execution = (id: string, status: string, extra = {}) => ({ execution_id: id, agent_name: `agent ${id}`, status, total_tokens: 0, started_at: null, duration_ms: null, error_message: null, llm_provider: 'p', ...extra }); // prettier-ignore
const detail = (status: string, stages: object[]): SessionDetail => ({ status, stages }) as unknown as SessionDetail;
const stage = (id: string, index: number, status: string, executions: object[] = []) => ({ id, stage_name: id, stage_index: index, stage_type: 'investigation', status, executions }); // prettier-ignore

describe(chainOf.name, () => {
  const running = detail('in_progress', [stage('look', 1, 'active', [execution('a', 'pending')])]);

  it('shows what ran, runs and comes', () => {
    const chain = chainOf(running, { stages: {}, executions: { a: 'active' }, totalStages: 3 });
    expect(chain.map(({ index, name, status }) => [index, name, status])).toEqual([
      [1, 'look', 'active'],
      [2, undefined, 'pending'],
      [3, undefined, 'pending'],
    ]);
    expect(chain[0]?.agents[0]).toMatchObject({ status: 'active', model: 'p' });
  });

  it('expects nothing more of a session that has ended', () => {
    expect(chainOf(detail('failed', running.stages), { ...NOTHING_LIVE, totalStages: 3 })).toHaveLength(1);
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
