import type { SessionTrace } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { traceGroups } from './trace-groups';

const call = (id: string, created_at: string) => ({ id, created_at });
const trace = (session_interactions: object[]): SessionTrace =>
  ({
    stages: [
      {
        stage_name: 'look',
        executions: [
          {
            execution_id: 'parent',
            agent_name: 'one',
            llm_interactions: [call('m1', '2026-01-01T00:00:01Z'), call('m2', '2026-01-01T00:00:03Z')],
            mcp_interactions: [call('t1', '2026-01-01T00:00:02Z')],
            sub_agents: [{ execution_id: 'child', agent_name: 'two', llm_interactions: [], mcp_interactions: [] }],
          },
        ],
      },
    ],
    session_interactions,
  }) as unknown as SessionTrace;

describe(traceGroups.name, () => {
  it('orders the calls of an execution by time and puts sub-agents behind their parent', () => {
    const groups = traceGroups(trace([]), 'Whole session');
    expect(groups.map(({ key, agentName, calls }) => [key, agentName, calls.map(({ item }) => item.id)])).toEqual([
      ['parent', 'one', ['m1', 't1', 'm2']],
      ['child', 'two', []],
    ]);
  });

  it('puts the calls of the session itself last', () => {
    expect(traceGroups(trace([call('s', '')]), 'Whole session').at(-1)).toMatchObject({ stageName: 'Whole session' });
  });
});
