import { derivedId } from '@tarsy/core';
import { AgentExecution, AlertSession, migrate, Stage } from '@tarsy/persistence';
import type { DataSource } from 'typeorm';
import { beforeEach, describe, expect, it } from 'vitest';
import { SessionRows } from '../../../apps/chain-runner/src/sessions/session-rows.js';
import { Databases } from '../persistence/database.js';

const databases = new Databases();
const sessionId = derivedId('rows', 'session');
const stageId = derivedId('rows', 'stage');
let database: DataSource;
let rows: SessionRows;

const executionOf = (agentIndex: number): AgentExecution =>
  Object.assign(new AgentExecution(), { id: derivedId(stageId, agentIndex), sessionId, stageId, agentName: 'Host', agentIndex, status: 'active', llmBackend: 'langchain', mailbox: [] }); // prettier-ignore

beforeEach(async () => {
  database = await databases.connect(await databases.create());
  await migrate(database);
  const session = { id: sessionId, alertData: 'disk', alertType: 'DiskFull', chainId: 'disk', status: 'in_progress', severity: 'warning', priorityRank: 2, title: 'disk', source: 'api', createdAt: new Date() } as const; // prettier-ignore
  await database.manager.save(Object.assign(new AlertSession(), session));
  const stage = { id: stageId, sessionId, stageName: 'look', stageIndex: 1, stageType: 'investigation', expectedAgentCount: 1, status: 'active' } as const; // prettier-ignore
  await database.manager.save(Object.assign(new Stage(), stage));
  await database.manager.save(executionOf(1));
  rows = new SessionRows(database.manager, sessionId);
});

const stored = (agentIndex: number): Promise<AgentExecution> =>
  database.manager.findOneByOrFail(AgentExecution, { id: derivedId(stageId, agentIndex) });

describe(SessionRows.name, () => {
  it('gives everybody the same objects', async () => {
    const [execution] = await rows.executions();
    execution!.status = 'completed';
    expect(await rows.execution(execution!.id)).toBe(execution);
    expect((await rows.stages())[0]).toBe((await rows.stages())[0]);
  });

  it('writes what was changed and leaves alone what others wrote meanwhile', async () => {
    const [stage] = await rows.stages();
    const [execution] = await rows.executions();
    await database.query(`UPDATE stages SET actions_executed = true WHERE id = $1`, [stageId]);
    await database.query(`UPDATE agent_executions SET model_name = 'other' WHERE session_id = $1`, [sessionId]);
    Object.assign(stage!, { status: 'completed', completedAt: new Date(0) });
    execution!.mailbox = [...execution!.mailbox, { type: 'cancel', sessionId, executionId: execution!.id, status: 'cancelled', reason: 'no', at: '2026-01-01T00:00:00.000Z' }]; // prettier-ignore
    await rows.save(stage!);
    await rows.save(execution!);
    expect(await database.manager.findOneBy(Stage, { id: stageId })).toMatchObject({
      status: 'completed',
      completedAt: new Date(0),
      actionsExecuted: true,
    });
    expect(await stored(1)).toMatchObject({ modelName: 'other', mailbox: [{ reason: 'no' }] });
  });

  it('adds new rows to those that it knows, as the database has them', async () => {
    const second = executionOf(2);
    await rows.save(second);
    expect(await rows.executions()).toHaveLength(2);
    expect(await rows.execution(second.id)).toBe(second);
    expect({ ...second }).toEqual({ ...(await stored(2)) });
    second.toolCallsUsed = 3;
    await rows.save(second);
    expect((await stored(2)).toolCallsUsed).toBe(3);
  });
});
