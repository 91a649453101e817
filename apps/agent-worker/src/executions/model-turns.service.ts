import { Inject, Injectable } from '@nestjs/common';
import type { LlmInteractionType, NativeToolUse, RequestedToolCall, TokenUsage, VendorState } from '@tarsy/contracts';
import { AppError, Clock, codeOf, messageOf, newId } from '@tarsy/core';
import {
  isTimeout,
  ProviderBusyError,
  type LanguageModelEvent,
  type LanguageModelRequest,
  type StopReason,
} from '@tarsy/llm';
import { ChunkPublisher } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { builtInToolsOf } from '../built-in-tools/built-in-tool.js';
import { LanguageModels } from '../models/language-models.js';
import { ToolCatalogue } from '../tools/tool-catalogue.service.js';
import { definitionsOf } from '../tools/tool-selection.js';
import { readActionMarker, type ActionAnswer } from './action-marker.js';
import { AnswerStream } from './answer-stream.js';
import type { ExecutionRun } from './execution-run.js';
import { ExecutionSpans } from './execution-spans.js';
import { ExecutionStoppedError } from './executions.errors.js';
import { hasFallback } from './model-fallback.js';
import type { Step } from './step.js';
import { WorkerMetrics } from './worker-metrics.js';

type CallStep = Step & { kind: 'call-model' };
type ParkStep = Step & { kind: 'park' };

interface Answer {
  readonly toolCalls: RequestedToolCall[];
  readonly stopReason: StopReason;
  readonly usage: TokenUsage | null;
  readonly formatFeedback?: string;
  readonly nativeTools?: NativeToolUse[];
  readonly vendorState?: VendorState;
}

/** Calls the model once, shows the answer while it streams, and journals how it ended. */
@Injectable()
export class ModelTurns {
  constructor(
    private readonly models: LanguageModels,
    private readonly catalogue: ToolCatalogue,
    private readonly chunks: ChunkPublisher,
    private readonly clock: Clock,
    private readonly metrics: WorkerMetrics,
    private readonly spans: ExecutionSpans,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * A failed call is an entry like a finished one; the loop decides what follows.
   * @returns how long to wait, where the provider can not be called now and nothing else can take its place
   * @throws the reason of the run's signal
   */
  async take(run: ExecutionRun, step: CallStep): Promise<ParkStep | undefined> {
    const { provider, model } = run.model;
    const turn = run.state.turns + 1;
    const { sessionId, stageId, executionId } = run.task;
    const stream = new AnswerStream(
      { sessionId, stageId, executionId, turn, entry: run.nextEntry, callId: newId() },
      (chunk) => this.chunks.publish(chunk),
    );
    const startedAtMs = this.clock.nowMs();
    const common = (): TurnFacts => ({
      turn,
      iteration: step.iteration,
      provider,
      model,
      startedAt: new Date(startedAtMs).toISOString(),
      durationMs: this.clock.nowMs() - startedAtMs,
    });
    const answer = await this.#call(run, step, turn, stream).catch((error: unknown) => ({ error }));
    stream.flush();
    if ('error' in answer) {
      const pause = this.#pauseFor(run, answer.error);
      if (pause === undefined) await this.#fail(run, step, answer.error, { ...common(), partialText: stream.text });
      return pause;
    }
    this.metrics.callEnded({ provider, model }, common().durationMs);
    if (answer.usage !== null) this.metrics.tokensUsed({ provider, model }, answer.usage);
    const { thinking } = stream;
    const { text, ...marker } = this.#finalTextOf(run, stream.text, answer.toolCalls.length > 0);
    const interactionType = interactionTypeOf(run, step, answer.toolCalls.length > 0 || text.trim() === '');
    const entry = await run.append({
      type: 'turn',
      ...common(),
      interactionType,
      thinking,
      text,
      ...marker,
      ...answer,
    });
    this.spans.modelCalled(run, entry);
    return undefined;
  }

  /** A limit that was set for the provider is always waited for; what the provider itself imposes, only where no other can take over. */
  #pauseFor(run: ExecutionRun, error: unknown): ParkStep | undefined {
    if (!(error instanceof ProviderBusyError) || run.signal.aborted) return undefined;
    if (error.reason !== 'own-limit' && hasFallback(run.task, run.state)) return undefined;
    const { sessionId, executionId } = run.task;
    this.logger.info({ sessionId, executionId, reason: error.reason, waitMs: error.retryAfterMs }, 'llm.busy');
    const wakeAt = new Date(this.clock.nowMs() + error.retryAfterMs).toISOString();
    return { kind: 'park', reason: 'rate-limit', mailboxSeen: run.journal.mailbox.length, wakeAt };
  }

  /** The last line in which an action agent says whether it changed anything is for us, not for people. */
  #finalTextOf({ task }: ExecutionRun, text: string, goesOn: boolean): ActionAnswer {
    return task.agent.kind === 'action' && !goesOn ? readActionMarker(text) : { text };
  }

  async #call(run: ExecutionRun, step: CallStep, turn: number, stream: AnswerStream): Promise<Answer> {
    const request = this.#requestOf(run, step);
    const toolCalls: RequestedToolCall[] = [];
    const nativeTools: NativeToolUse[] = [];
    const answer = this.models.modelOf({ ...run.task, model: run.model }).stream(request, run.signal);
    for await (const event of answer) {
      switch (event.type) {
        case 'thinking-delta':
          stream.add('thinking', event.text);
          break;
        case 'text-delta':
          stream.add('text', event.text);
          break;
        case 'tool-call': {
          const { vendorCallId, name, argumentsText } = event;
          // Without tools on offer there is nobody to answer a call.
          if (step.offersTools)
            toolCalls.push({ callId: `${turn}-${toolCalls.length + 1}`, vendorCallId, name, argumentsText });
          break;
        }
        case 'native-tool':
          nativeTools.push(event.use);
          break;
        case 'finish':
          return answerOf(toolCalls, nativeTools, event);
      }
    }
    return { toolCalls, stopReason: 'other', usage: null };
  }

  #requestOf(run: ExecutionRun, step: CallStep): LanguageModelRequest {
    const { executionId, alert, chat } = run.task;
    const servers = run.state.prompted?.toolServers ?? [];
    return {
      executionId,
      messages: run.conversation,
      tools: step.offersTools ? [...definitionsOf(servers, this.catalogue), ...builtInToolsOf(run.task)] : [],
      interactionType: step.interactionType,
      alert: { type: alert.type, data: alert.data },
      ...(chat === undefined ? {} : { question: chat.question }),
    };
  }

  async #fail(run: ExecutionRun, step: CallStep, error: unknown, facts: FailedTurnFacts): Promise<void> {
    const { provider, model, durationMs, turn } = facts;
    const { sessionId, executionId } = run.task;
    this.metrics.callEnded({ provider, model }, durationMs);
    this.metrics.callFailed({ provider, model }, run.signal.aborted ? 'canceled' : isTimeout(error) ? 'timeout' : 'error'); // prettier-ignore
    if (run.signal.aborted) return await this.#breakOff(run, step, facts);
    const [errorCode, errorMessage] = [codeOf(error), messageOf(error)];
    this.logger.warn({ sessionId, executionId, turn, provider, model, code: errorCode, error: errorMessage }, 'llm.failed'); // prettier-ignore
    const interactionType = interactionTypeOf(run, step, true);
    const entry = await run.append({ type: 'turn-failed', ...facts, interactionType, errorCode, errorMessage, isRetryable: isRetryable(error) }); // prettier-ignore
    this.spans.modelCalled(run, entry);
  }

  /** People keep what they have seen of an answer that was stopped; an execution that merely moves asks for it again. */
  async #breakOff(run: ExecutionRun, step: CallStep, facts: FailedTurnFacts): Promise<never> {
    this.spans.modelCanceled(run, facts);
    const { reason } = run.signal;
    if (reason instanceof ExecutionStoppedError && facts.partialText !== '') {
      const { code: errorCode, message: errorMessage } = reason;
      const interactionType = interactionTypeOf(run, step, true);
      await run.append({ type: 'turn-failed', ...facts, interactionType, errorCode, errorMessage, isRetryable: false });
    }
    throw reason;
  }
}

function answerOf(
  toolCalls: RequestedToolCall[],
  nativeTools: NativeToolUse[],
  { type: _finish, ...ending }: LanguageModelEvent & { type: 'finish' },
): Answer {
  return { toolCalls, ...(nativeTools.length === 0 ? {} : { nativeTools }), ...ending };
}

/** What is no error of ours is a broken connection, most likely. */
const isRetryable = (error: unknown): boolean => !(error instanceof AppError) || error.retryable;

interface TurnFacts {
  readonly turn: number;
  readonly iteration: number;
  readonly provider: string;
  readonly model: string;
  readonly startedAt: string;
  readonly durationMs: number;
}

type FailedTurnFacts = TurnFacts & { readonly partialText: string };

/** What a call turned out to be: an iteration that ends with text was the final analysis, or the answer in a chat. */
function interactionTypeOf({ task }: ExecutionRun, step: CallStep, goesOn: boolean): LlmInteractionType {
  if (step.interactionType !== 'iteration' || goesOn) return step.interactionType;
  return task.agent.kind === 'chat' ? 'chat_response' : 'final_analysis';
}
