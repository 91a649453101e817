import { describe, expect, it } from 'vitest';
import { plannedStages } from './planned-stages.js';

describe(plannedStages.name, () => {
  it('names the stages of the chain with their agents, then the summary', () => {
    const plan = {
      chainId: 'disk',
      stages: [
        { name: 'look', type: 'investigation', successPolicy: 'any', agents: [{ name: 'Host' }, { name: 'Database' }] },
        { name: 'mend', type: 'action', successPolicy: 'all', agents: [{ name: 'Mender' }] },
      ],
      executiveSummary: { name: 'ExecSummaryAgent' },
      defaultRunbook: '',
    };
    expect(plannedStages(plan)).toEqual([
      { stage_name: 'look', stage_type: 'investigation', agents: ['Host', 'Database'] },
      { stage_name: 'mend', stage_type: 'action', agents: ['Mender'] },
      { stage_name: 'Executive Summary', stage_type: 'exec_summary', agents: ['ExecSummaryAgent'] },
    ]);
  });

  it.each([null, {}, { stages: 'all' }])('names none where no plan was made: %j', (plan) => {
    expect(plannedStages(plan)).toEqual([]);
  });
});
