import { Injectable } from '@nestjs/common';
import { cancelAgent, dispatchAgent, steerAgent, type JournalEntryOf, type RequestedToolCall } from '@tarsy/contracts';
import { Clock, derivedId } from '@tarsy/core';
import { MessagePublisher } from '@tarsy/messaging';
import type { ExecutionRun } from '../executions/execution-run.js';
import { parseArgumentText } from '../tools/argument-text.js';
import { toolTypeOf, type BuiltInToolName } from './built-in-tool.js';
import { loadSkills, type ToolAnswer } from './load-skill.js';
import { knownAgents, listOf, refusalOf, type KnownAgent } from './sub-agents.js';

type Arguments = Readonly<Record<string, unknown>>;

const errorOf = (content: string): ToolAnswer => ({ content, isError: true });
const answerOf = (content: string): ToolAnswer => ({ content, isError: false });

/** Runs the tools of the worker itself. Whatever they ask of others has an id that is derived from the call, so it may be asked again. */
@Injectable()
export class BuiltInTools {
  constructor(
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
  ) {}

  /** Journals the answer of one call. */
  async answer(run: ExecutionRun, call: RequestedToolCall, name: BuiltInToolName): Promise<void> {
    const given = parseArgumentText(call.argumentsText);
    const answer = await this.#run(run, call, name, given);
    await run.append({ type: 'tool-answered', callId: call.callId, name, arguments: given, ...answer, toolType: toolTypeOf(name) }); // prettier-ignore
  }

  async #run(run: ExecutionRun, call: RequestedToolCall, name: BuiltInToolName, given: Arguments): Promise<ToolAnswer> {
    switch (name) {
      case 'load_skill':
        return loadSkills(given, run.task.availableSkills ?? []);
      case 'dispatch_agent':
        return await this.#dispatch(run, call, given);
      case 'list_agents':
        return answerOf(listOf(known(run)));
      case 'cancel_agent':
        return await this.#toAgent(run, given, async (agent) => {
          await this.publisher.publish(cancelAgent, this.#commandOf(run, call, agent.executionId));
          return answerOf('cancellation requested');
        });
      case 'steer_agent': {
        const content = textOf(given, 'message');
        if (content === '') return errorOf('The message is empty.');
        return await this.#toAgent(run, given, async (agent) => {
          await this.publisher.publish(steerAgent, { ...this.#commandOf(run, call, agent.executionId), content });
          return answerOf('message sent; the sub-agent reads it before its next step');
        });
      }
    }
  }

  /** The journal names the sub-agent before anybody is asked to start it: a worker that takes over asks again, and for no second one. */
  async #dispatch(run: ExecutionRun, call: RequestedToolCall, given: Arguments): Promise<ToolAnswer> {
    const earlier = run.journal.entries.find((entry) => entry.type === 'agent-dispatched' && entry.callId === call.callId); // prettier-ignore
    let dispatched = earlier as JournalEntryOf<'agent-dispatched'> | undefined;
    if (dispatched === undefined) {
      const [agentName, task] = [textOf(given, 'name'), textOf(given, 'task')];
      const refusal = refusalOf({ name: agentName, task }, run.task.subAgents!, known(run), this.clock.now());
      if (refusal !== undefined) return errorOf(refusal);
      const childExecutionId = derivedId(run.task.executionId, 'sub-agent', call.callId);
      dispatched = await run.append({ type: 'agent-dispatched', callId: call.callId, childExecutionId, agentName, task }); // prettier-ignore
    }
    const { childExecutionId, agentName, task } = dispatched;
    const position = run.state.subAgents.findIndex(({ executionId }) => executionId === childExecutionId) + 1;
    await this.publisher.publish(dispatchAgent, { ...this.#commandOf(run, call, childExecutionId), agentName, task, position }); // prettier-ignore
    const accepted = JSON.stringify({ execution_id: childExecutionId, status: 'accepted' });
    return answerOf(`${accepted}\nIts result comes later, in a message of its own.`);
  }

  async #toAgent(
    run: ExecutionRun,
    given: Arguments,
    send: (agent: KnownAgent) => Promise<ToolAnswer>,
  ): Promise<ToolAnswer> {
    const executionId = textOf(given, 'execution_id');
    const agents = known(run);
    const agent = agents.find((candidate) => candidate.executionId === executionId);
    if (agent === undefined) return errorOf(`There is no sub-agent "${executionId}".\n${listOf(agents)}`);
    return agent.status === 'running' ? await send(agent) : answerOf(`already ${agent.status}`);
  }

  #commandOf(
    { task: { sessionId, executionId: parentExecutionId } }: ExecutionRun,
    { callId }: RequestedToolCall,
    executionId: string,
  ) {
    // prettier-ignore
    return { sessionId, executionId, parentExecutionId, callId, requestedAt: this.clock.nowIso() };
  }
}

const known = ({ state, journal }: ExecutionRun): KnownAgent[] => knownAgents(state.subAgents, journal.mailbox);

function textOf(given: Arguments, key: string): string {
  const value = given[key];
  return typeof value === 'string' ? value.trim() : '';
}
