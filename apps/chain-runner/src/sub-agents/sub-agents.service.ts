import { Inject, Injectable } from '@nestjs/common';
import type { SessionPlan } from '@tarsy/config';
import {
  taskScheduled,
  type CancelAgent,
  type DispatchAgent,
  type MailboxMessage,
  type SteerAgent,
  type TerminalStatus,
} from '@tarsy/contracts';
import { derivedId } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { AgentExecution, storable } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import type { SessionChange } from '../sessions/session-change.js';
import { stopOf } from '../sessions/session-stop.js';
import { plannedAgentOf, type PlannedAgent } from '../stages/planned-agent.js';
import { StageRecords } from '../stages/stage-records.js';
import { TaskFactory } from '../stages/task-factory.js';
import { Mailboxes } from './mailboxes.service.js';
import { SubAgentNotThereYetError } from './sub-agents.errors.js';

/** Sub-agents: executions that another execution asked for. Inside the transaction of a {@link SessionChange}, and safe to repeat. */
@Injectable()
export class SubAgentsService {
  constructor(
    private readonly records: StageRecords,
    private readonly tasks: TaskFactory,
    private readonly mailboxes: Mailboxes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Does nothing when the parent has ended. */
  async dispatch(change: SessionChange, command: DispatchAgent): Promise<void> {
    const { rows, session } = change;
    const parent = await rows.execution(command.parentExecutionId);
    if (parent?.status !== 'active' || stopOf(session)) return;
    const existing = await rows.execution(command.executionId);
    if (existing !== undefined) return await this.#publishTask(change, existing);
    const planned = await this.#plannedFor(change, parent, command.agentName);
    if (planned === undefined) {
      const reason = `the configuration of the session has no sub-agent ${command.agentName}`;
      return await this.mailboxes.deliver(change, parent, resultMail(change, parent, { ...command, status: 'failed', errorMessage: reason })); // prettier-ignore
    }
    const execution = await this.#create(change, parent, command, planned);
    await this.records.setExecution(change, execution, 'active');
    await this.#publishTask(change, execution);
    const { sessionId, executionId, parentExecutionId, agentName } = command;
    this.logger.info({ sessionId, executionId, parentExecutionId, agent: agentName }, 'sub-agent.dispatched');
  }

  /** @throws {SubAgentNotThereYetError} */
  async cancel(change: SessionChange, command: CancelAgent): Promise<void> {
    await this.#tell(change, command, (execution, parent) => ({
      ...{ type: 'cancel', sessionId: command.sessionId, executionId: execution.id, status: 'cancelled' },
      reason: `cancelled by ${parent.agentName}`,
      at: change.clock.nowIso(),
    }));
  }

  /** @throws {SubAgentNotThereYetError} */
  async steer(change: SessionChange, command: SteerAgent): Promise<void> {
    const { sessionId, executionId, parentExecutionId, callId, content } = command;
    await this.#tell(change, command, (_execution, parent) => ({
      ...{ type: 'guidance', sessionId, executionId, from: 'agent', author: parent.agentName, content },
      guidanceId: derivedId(executionId, 'steer', parentExecutionId, callId),
      at: change.clock.nowIso(),
    }));
  }

  /** Call it for every execution that has ended: its parent reads how, and nobody below it works on. */
  async ended(change: SessionChange, execution: AgentExecution): Promise<void> {
    await this.#endBelow(change, execution);
    if (execution.parentExecutionId === null) return;
    const parent = await change.rows.execution(execution.parentExecutionId);
    if (parent?.status !== 'active' && parent?.status !== 'paused') return;
    const { id: executionId, agentName, status, result, errorMessage } = execution;
    const end = { executionId, agentName, status: status as TerminalStatus, result, errorMessage };
    await this.mailboxes.deliver(change, parent, resultMail(change, parent, end));
  }

  async #endBelow(change: SessionChange, { id, agentName, status }: AgentExecution): Promise<void> {
    const reason = `${agentName}, which dispatched it, is ${status}`;
    for (const child of await change.rows.executions()) {
      if (child.parentExecutionId !== id || child.status !== 'active') continue;
      await this.mailboxes.cancel(change, child, { status: 'cancelled', reason });
      await this.records.setExecution(change, child, 'cancelled', { errorMessage: reason });
      await this.#endBelow(change, child);
    }
  }

  async #tell(
    change: SessionChange,
    { executionId, parentExecutionId }: CancelAgent,
    mailFor: (execution: AgentExecution, parent: AgentExecution) => MailboxMessage,
  ): Promise<void> {
    const executions = await change.rows.executions();
    const execution = executions.find((one) => one.id === executionId && one.parentExecutionId === parentExecutionId);
    const parent = executions.find(({ id }) => id === parentExecutionId);
    if (execution === undefined && parent?.status === 'active' && !hasResultOf(parent, executionId))
      throw new SubAgentNotThereYetError(`sub-agent ${executionId} is not dispatched yet`);
    if (execution?.status === 'active' && parent) await this.mailboxes.deliver(change, execution, mailFor(execution, parent)); // prettier-ignore
  }

  async #plannedFor(
    change: SessionChange,
    parent: AgentExecution,
    agentName: string,
  ): Promise<PlannedAgent | undefined> {
    const stage = (await this.records.stagesOf(change)).find(({ row }) => row.id === parent.stageId)!;
    const { root, depth } = plannedAgentOf(change.session.plan as SessionPlan, stage, parent);
    const agent = root.subAgents.find(({ name }) => name === agentName);
    return agent && { agent, root, depth: depth + 1 };
  }

  async #create(
    change: SessionChange,
    parent: AgentExecution,
    { executionId, agentName, task, position }: DispatchAgent,
    { agent, root }: PlannedAgent,
  ): Promise<AgentExecution> {
    const { manager, rows, clock } = change;
    const siblings = (await rows.executions()).filter(({ parentExecutionId }) => parentExecutionId === parent.id);
    const { agentTimeoutMs, maxBudgetMs } = root.orchestrator;
    const firstAtMs = siblings[0]?.startedAt?.getTime() ?? clock.nowMs();
    const ends = [clock.nowMs() + agentTimeoutMs, firstAtMs + maxBudgetMs, parent.deadlineAt?.getTime() ?? Infinity];
    return manager.create(AgentExecution, {
      id: executionId,
      sessionId: parent.sessionId,
      stageId: parent.stageId,
      parentExecutionId: parent.id,
      agentName,
      agentIndex: position ?? (siblings.at(-1)?.agentIndex ?? 0) + 1,
      task: storable(task),
      llmBackend: agent.model.backend,
      llmProvider: agent.model.provider,
      modelName: agent.model.model,
      startedAt: clock.now(),
      deadlineAt: new Date(Math.min(...ends)),
      wakeCount: 0,
      mailbox: [],
      parkedAt: null,
    });
  }

  async #publishTask(change: SessionChange, execution: AgentExecution): Promise<void> {
    if (execution.status !== 'active') return;
    const stages = await this.records.stagesOf(change);
    change.publish(taskScheduled, this.tasks.taskFor(change.session, stages, execution));
  }
}

/** Also one that could not be started has a result. */
function hasResultOf({ mailbox }: AgentExecution, executionId: string): boolean {
  return mailbox.some((mail) => mail.type === 'sub-agent-result' && mail.childExecutionId === executionId);
}

interface AgentEnd {
  readonly executionId: string;
  readonly agentName: string;
  readonly status: TerminalStatus;
  readonly result?: string | null;
  readonly errorMessage?: string | null;
}

function resultMail(change: SessionChange, parent: AgentExecution, end: AgentEnd): MailboxMessage {
  const { executionId: childExecutionId, agentName, status, result, errorMessage } = end;
  return {
    type: 'sub-agent-result',
    sessionId: parent.sessionId,
    executionId: parent.id,
    childExecutionId,
    agentName,
    status,
    ...(result ? { result } : {}),
    ...(errorMessage ? { errorMessage } : {}),
    at: change.clock.nowIso(),
  };
}
