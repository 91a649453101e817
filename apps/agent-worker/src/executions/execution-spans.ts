import { Injectable } from '@nestjs/common';
import type { JournalEntryOf, ModelReference } from '@tarsy/contracts';
import { placeOf, Tracing, type Attributes, type SpanContext } from '@tarsy/observability';
import type { ExecutionRun } from './execution-run.js';
import { ExecutionStoppedError } from './executions.errors.js';

type FinishedTurn = JournalEntryOf<'turn' | 'turn-failed'>;
type CanceledTurn = Pick<FinishedTurn, 'turn' | 'iteration' | 'provider' | 'model' | 'startedAt' | 'durationMs'>;

/** Names that https://opentelemetry.io/docs/specs/semconv/gen-ai/ gives to vendors. */
const PROVIDER_NAMES: Readonly<Record<ModelReference['type'], string>> = {
  playbook: 'tarsy.playbook',
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'gcp.gemini',
  vertexai: 'gcp.vertex_ai',
  xai: 'x_ai',
};

/** Spans of what an execution does. They say how long, how much and how it ended; never what was asked or answered. */
@Injectable()
export class ExecutionSpans {
  constructor(private readonly tracing: Tracing) {}

  /** Call it once the turn is in the journal, so that a worker that has lost the execution leaves no second span. */
  modelCalled(run: ExecutionRun, entry: FinishedTurn): void {
    const { sessionId, executionId } = run.task;
    const span = this.tracing.contextOf(sessionId, { execution: executionId, turn: entry.turn });
    const attributes = { 'tarsy.llm.interaction_type': entry.interactionType, ...answerOf(entry) };
    this.#record(run, entry, span, attributes, entry.type === 'turn-failed' ? entry.errorCode : undefined);
  }

  /** A call that was cut off is in no journal; the same turn may be called again. */
  modelCanceled(run: ExecutionRun, turn: CanceledTurn): void {
    this.#record(run, turn, this.tracing.newContext(this.#execution(run)), {}, 'canceled');
  }

  /** The span of a call begins with its journal entry, in whichever worker, and ends in the worker that has its result. */
  async aroundToolCall(
    run: ExecutionRun,
    { callId, server, tool, at }: JournalEntryOf<'tool-requested'>,
    work: () => Promise<void>,
  ): Promise<void> {
    const { sessionId, executionId } = run.task;
    const span = this.tracing.open({
      name: `execute_tool ${tool}`,
      parent: this.#execution(run),
      spanId: this.tracing.contextOf(sessionId, { execution: executionId, call: callId }).spanId,
      startedAtMs: Date.parse(at),
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool,
        'gen_ai.tool.call.id': callId,
        'tarsy.tool.server': server,
        ...placeOf(run.task),
      },
    });
    try {
      await this.tracing.runIn(span, work);
      const outcome = run.journal.toolResults.get(callId)?.outcome ?? 'unanswered';
      span.set({ 'tarsy.tool.outcome': outcome });
      if (outcome !== 'ok') span.fail(outcome);
    } catch (error) {
      if (run.signal.reason instanceof ExecutionStoppedError) span.fail('canceled');
      else span.discard();
      throw error;
    } finally {
      span.end();
    }
  }

  #execution({ task: { sessionId, executionId } }: ExecutionRun): SpanContext {
    return this.tracing.contextOf(sessionId, { execution: executionId });
  }

  #record(
    run: ExecutionRun,
    { turn, iteration, provider, model, startedAt, durationMs }: CanceledTurn,
    context: SpanContext,
    more: Attributes,
    errorType: string | undefined,
  ): void {
    const startedAtMs = Date.parse(startedAt);
    this.tracing.record({
      name: `chat ${model}`,
      kind: 'client',
      context,
      parent: this.#execution(run),
      startedAtMs,
      endedAtMs: startedAtMs + durationMs,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': PROVIDER_NAMES[run.model.type],
        'gen_ai.request.model': model,
        'gen_ai.agent.name': run.task.agent.name,
        'tarsy.llm.provider': provider,
        'tarsy.turn': turn,
        'tarsy.iteration': iteration,
        ...placeOf(run.task),
        ...more,
      },
      ...(errorType === undefined ? {} : { errorType }),
    });
  }
}

function answerOf(entry: FinishedTurn): Attributes {
  if (entry.type === 'turn-failed') return {};
  const { usage, stopReason, toolCalls } = entry;
  return {
    'gen_ai.response.finish_reasons': [stopReason],
    'tarsy.llm.tool_calls': toolCalls.length,
    ...(usage === null
      ? {}
      : {
          'gen_ai.usage.input_tokens': usage.inputTokens,
          'gen_ai.usage.output_tokens': usage.outputTokens,
          'gen_ai.usage.reasoning.output_tokens': usage.thinkingTokens,
          'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
        }),
  };
}
