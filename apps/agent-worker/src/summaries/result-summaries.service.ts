import { Inject, Injectable } from '@nestjs/common';
import type { JournalEntryOf, ModelReference, TokenUsage } from '@tarsy/contracts';
import { Clock, codeOf, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import type { ExecutionRun } from '../executions/execution-run.js';
import { AnswerTooLongError, EmptySummaryError } from '../executions/executions.errors.js';
import { WorkerMetrics } from '../executions/worker-metrics.js';
import { LanguageModels } from '../models/language-models.js';
import { excerptText, summarizationPrompt, summaryText } from '../prompts/summarization.js';
import type { SummaryRequest } from './summary-choice.js';
import { contextWindowOf, cutToTokens, estimateTokens } from './tokens.js';

/** More of a result is not worth reading, even to a model that could. */
const MOST_INPUT_TOKENS = 100_000;
/** For a provider at its limits; a summary is worth some patience. */
const LONGEST_WAIT_MS = 30_000;
const ROOM_FOR_MORE = 1.25;
/** A summary that is longer than this many times its target is none. */
const MOST_OVERLENGTH = 8;

type Call = NonNullable<JournalEntryOf<'result-summarized'>['call']>;
interface Summary {
  readonly text: string;
  readonly usage: TokenUsage | null;
}

/** Replaces tool results by summaries that a model writes, and journals them, so that a replay reads the same conversation. */
@Injectable()
export class ResultSummaries {
  constructor(
    private readonly models: LanguageModels,
    private readonly clock: Clock,
    private readonly metrics: WorkerMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Where no model can write a summary, a long result stays as it is, and one that is in the way is cut.
   * @throws the reason of the run's signal
   */
  async make(run: ExecutionRun, requests: readonly SummaryRequest[]): Promise<void> {
    const ends = await Promise.allSettled(requests.map((request) => this.#makeOne(run, request)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #makeOne(run: ExecutionRun, request: SummaryRequest): Promise<void> {
    const { callId, reason, server, tool, content, targetTokens } = request;
    const originalTokens = estimateTokens(content);
    const fixed = { type: 'result-summarized', callId, reason, server, tool, originalTokens } as const;
    const { summary, call } = await this.#callModels(run, request);
    if (summary !== undefined) {
      // What is to make room must do so, however much the model wrote.
      const text = reason === 'context' ? cutToTokens(summary, Math.ceil(targetTokens * ROOM_FOR_MORE)) : summary;
      return void (await run.append({ ...fixed, content: summaryText(text, originalTokens), call }));
    }
    const excerpt = reason === 'context' ? { content: excerptText(content, targetTokens, originalTokens) } : {};
    await run.append({ ...fixed, ...excerpt, call });
  }

  /** Tries one model after the other. */
  async #callModels(run: ExecutionRun, request: SummaryRequest): Promise<{ summary?: string; call: Call }> {
    const models = modelsFor(run, request);
    let failed: Call | undefined;
    for (const { model, isFallback } of models) {
      const startedAtMs = this.clock.nowMs();
      const callOf = (usage: TokenUsage | null): Call => ({
        provider: model.provider,
        model: model.model,
        isFallback,
        usage,
        startedAt: new Date(startedAtMs).toISOString(),
        durationMs: this.clock.nowMs() - startedAtMs,
      });
      try {
        const { text, usage } = await this.#call(run, request, model);
        return { summary: text, call: callOf(usage) };
      } catch (error) {
        run.signal.throwIfAborted();
        failed = { ...callOf(null), errorCode: codeOf(error), errorMessage: messageOf(error) };
        this.#logFailure(run, failed);
      }
    }
    return { call: failed! };
  }

  async #call(run: ExecutionRun, request: SummaryRequest, model: ModelReference): Promise<Summary> {
    const { executionId } = run.task;
    const inputTokens = Math.min(MOST_INPUT_TOKENS, Math.floor((contextWindowOf(model) ?? Infinity) / 2));
    const content = cutToTokens(request.content, inputTokens);
    const messages = summarizationPrompt({ ...request, content, conversation: run.conversation });
    const languageModel = this.models.modelOf({ ...run.task, model }, LONGEST_WAIT_MS);
    const longest = request.targetTokens * 4 * MOST_OVERLENGTH;
    let text = '';
    let usage: TokenUsage | null = null;
    const events = languageModel.stream({ executionId, messages, tools: [], interactionType: 'summarization' }, run.signal); // prettier-ignore
    for await (const event of events) {
      if (event.type === 'text-delta') text += event.text;
      if (text.length > longest) throw new AnswerTooLongError('the summary is longer than asked for by far');
      if (event.type === 'finish') usage = event.usage;
    }
    if (text.trim() === '') throw new EmptySummaryError('the summary is empty');
    const { provider, model: name } = model;
    if (usage !== null) this.metrics.tokensUsed({ provider, model: name }, usage);
    return { text, usage };
  }

  #logFailure({ task: { sessionId, executionId } }: ExecutionRun, call: Call): void {
    const { provider, model, errorCode: code, errorMessage: error } = call;
    this.logger.warn({ sessionId, executionId, provider, model, code, error }, 'summary.failed');
  }
}

/** The model that the configuration names, then the agent's own; the second alone once the first has failed in this execution. */
function modelsFor(
  { task, journal, model: own }: ExecutionRun,
  { server }: SummaryRequest,
): { model: ModelReference; isFallback: boolean }[] {
  const named = task.toolServers.find(({ id }) => id === server)?.summarization?.model ?? own;
  if (named.provider === own.provider && named.model === own.model) return [{ model: own, isFallback: false }];
  const fallback = { model: own, isFallback: true };
  const hasFallenBack = journal.entries.some((entry) => entry.type === 'result-summarized' && entry.call?.isFallback === true); // prettier-ignore
  return hasFallenBack ? [fallback] : [{ model: named, isFallback: false }, fallback];
}
