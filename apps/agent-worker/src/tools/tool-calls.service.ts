import { Inject, Injectable } from '@nestjs/common';
import { toolCallRequested, type JournalEntryOf, type RequestedToolCall } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { MessagePublisher, QueueFullError } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { builtInToolsOf, findBuiltInTool } from '../built-in-tools/built-in-tool.js';
import { BuiltInTools } from '../built-in-tools/built-in-tools.service.js';
import type { ExecutionRun } from '../executions/execution-run.js';
import { ExecutionSpans } from '../executions/execution-spans.js';
import type { Step } from '../executions/step.js';
import { parseArgumentText } from './argument-text.js';
import { callGroups } from './call-groups.js';
import { ToolCatalogue } from './tool-catalogue.service.js';
import type { ToolAddress } from './tool-name.js';
import { describeUnknownTool, findTool } from './tool-selection.js';

/** What mcp-broker may take beyond the call itself: its queue, a reconnect, the way back. */
const BROKER_MARGIN_MS = 30_000;

/** Gets every call of one turn answered: by mcp-broker, or by itself where there is nothing to call. */
@Injectable()
export class ToolCalls {
  constructor(
    private readonly publisher: MessagePublisher,
    private readonly catalogue: ToolCatalogue,
    private readonly builtInTools: BuiltInTools,
    private readonly spans: ExecutionSpans,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws the reason of the run's signal */
  async answer(run: ExecutionRun, { turn, calls }: Step & { kind: 'answer-calls' }): Promise<void> {
    const { iterationTimeoutMs } = run.task.limits;
    const endsAtMs = performance.now() + Math.max(0, iterationTimeoutMs - turn.durationMs);
    for (const group of callGroups(calls, (call) => this.#isReadOnly(run, call))) {
      // All of them have ended before this does: none may write to the journal behind the conclusion.
      const ends = await Promise.allSettled(group.map((call) => this.#answerOne(run, call, endsAtMs)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }
  }

  #isReadOnly(run: ExecutionRun, { name }: RequestedToolCall): boolean {
    const address = findTool(name, run.state.prompted?.toolServers ?? []);
    const tool = this.catalogue.toolsOf(address?.server ?? '')?.find((candidate) => candidate.name === address?.tool);
    return tool?.annotations.readOnlyHint === true;
  }

  async #answerOne(run: ExecutionRun, call: RequestedToolCall, endsAtMs: number): Promise<void> {
    run.signal.throwIfAborted();
    const builtIn = findBuiltInTool(call.name, run.task);
    if (builtIn !== undefined) return await this.builtInTools.answer(run, call, builtIn);
    const servers = run.state.prompted?.toolServers ?? [];
    const address = findTool(call.name, servers);
    const others = builtInToolsOf(run.task).map(({ name }) => name);
    if (address === undefined) return await refuse(run, call, describeUnknownTool(call.name, servers, others));
    const leftMs = Math.floor(endsAtMs - performance.now());
    if (leftMs <= 0) return await refuse(run, call, 'The call was not made: the time for this iteration is over.');
    const request = await this.#request(run, call, address);
    await this.spans.aroundToolCall(run, request, () => this.#publishAndWait(run, call, request, leftMs));
  }

  async #publishAndWait(
    run: ExecutionRun,
    call: RequestedToolCall,
    request: JournalEntryOf<'tool-requested'>,
    leftMs: number,
  ): Promise<void> {
    run.signal.throwIfAborted();
    try {
      await this.#publish(run, request, Math.min(run.task.limits.toolCallTimeoutMs, leftMs));
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error;
      return await refuse(run, call, `The call was not made: too many calls are waiting for ${request.server}.`);
    }
    await this.#wait(run, call, Math.min(run.task.limits.toolCallTimeoutMs + BROKER_MARGIN_MS, leftMs));
  }

  /** The journal names the call before anybody is asked to run it; a worker that takes over finds it there. */
  async #request(
    run: ExecutionRun,
    { callId, argumentsText }: RequestedToolCall,
    address: ToolAddress,
  ): Promise<JournalEntryOf<'tool-requested'>> {
    const earlier = run.journal.entries.find((entry) => entry.type === 'tool-requested' && entry.callId === callId);
    if (earlier?.type === 'tool-requested') return earlier;
    const entry = { type: 'tool-requested', callId, ...address, toolType: 'mcp' } as const;
    return await run.append({ ...entry, arguments: parseArgumentText(argumentsText) });
  }

  /** A call that was published before has the same message id: the copy is dropped, or answered from the first one's result. */
  async #publish(
    { task }: ExecutionRun,
    { callId, server, tool, arguments: toolArguments, at }: JournalEntryOf<'tool-requested'>,
    timeoutMs: number,
  ): Promise<void> {
    const { sessionId, stageId, executionId } = task;
    await this.publisher.publish(toolCallRequested, {
      sessionId,
      stageId,
      executionId,
      callId,
      server,
      tool,
      arguments: toolArguments,
      timeoutMs,
      requestedAt: at,
    });
  }

  async #wait(run: ExecutionRun, call: RequestedToolCall, timeoutMs: number): Promise<void> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new Error('no result in time')), timeoutMs);
    try {
      await run.journal.waitForToolResult(call.callId, AbortSignal.any([run.signal, limit.signal]));
    } catch (error) {
      run.signal.throwIfAborted();
      const { sessionId, executionId } = run.task;
      const { callId, name } = call;
      this.logger.warn({ sessionId, executionId, callId, tool: name, error: messageOf(error) }, 'tool-call.unanswered');
      await refuse(run, call, `No result arrived within ${Math.round(timeoutMs / 1_000)} s. The call may have run: verify before you repeat it.`); // prettier-ignore
    } finally {
      clearTimeout(timer);
    }
  }
}

async function refuse(run: ExecutionRun, call: RequestedToolCall, content: string): Promise<void> {
  const { callId, name, argumentsText } = call;
  await run.append({ type: 'tool-answered', callId, name, arguments: parseArgumentText(argumentsText), content, isError: true }); // prettier-ignore
}
