import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import type { AgentExecution } from '@tarsy/persistence';
import { describe, expect, it } from 'vitest';
import { plannedAgentOf } from './planned-agent.js';
import type { StoredStage } from './stage-records.js';

const agent = (name: string, subAgents: ResolvedAgent[] = []): ResolvedAgent => ({ name, subAgents }) as unknown as ResolvedAgent; // prettier-ignore
const execution = (id: string, agentName: string, parentExecutionId: string | null = null): AgentExecution =>
  ({ id, agentName, parentExecutionId, agentIndex: 1 }) as AgentExecution;

const plan = { stages: [{ agents: [agent('Lead', [agent('Logs'), agent('Metrics')])] }] } as unknown as SessionPlan;
const lead = execution('lead', 'Lead');
const logs = execution('logs', 'Logs', 'lead');
const metrics = execution('metrics', 'Metrics', 'logs');
const stage = { row: { planIndex: 0, stageType: 'investigation' }, executions: [lead], subAgents: [logs, metrics] } as unknown as StoredStage; // prettier-ignore

describe(plannedAgentOf.name, () => {
  it.each([
    ['the agent of a stage', lead, 'Lead', 0],
    ['its sub-agent', logs, 'Logs', 1],
    ['a sub-agent of that one, from the list of the first', metrics, 'Metrics', 2],
  ])('finds %s', (_title, of, name, depth) => {
    const planned = plannedAgentOf(plan, stage, of);
    expect([planned.agent.name, planned.root.name, planned.depth]).toEqual([name, 'Lead', depth]);
  });

  it('says so when the plan has no such agent', () => {
    expect(() => plannedAgentOf(plan, stage, execution('x', 'Nobody', 'lead'))).toThrow('has no agent Nobody');
  });
});
