import { Inject, Injectable } from '@nestjs/common';
import type { TaskScheduled } from '@tarsy/contracts';
import { Clock } from '@tarsy/core';
import { JournalStore, type Delivery } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER, SERVICE_IDENTITY, type ServiceIdentity } from '@tarsy/service';
import { ToolCalls } from '../tools/tool-calls.service.js';
import { ResultSummaries } from '../summaries/result-summaries.service.js';
import { ExecutionReports } from './execution-reports.service.js';
import { ExecutionRun } from './execution-run.js';
import { usageOf, usedUpOf } from './execution-usage.js';
import { PoisonedExecutionError } from './executions.errors.js';
import { readMail } from './mail.js';
import { ModelTurns } from './model-turns.service.js';
import { Prompting } from './prompting.service.js';
import type { Conclusion, ModelSwitch, Step } from './step.js';
import { stepOfRun } from './step-of-run.js';
import { StopSignal } from './stop-signal.js';
import { WorkerMetrics } from './worker-metrics.js';

type End = Extract<Step, { kind: 'conclude' | 'park' }>;

/** Tries that may add nothing to the journal. A long execution survives any number of workers, a poisonous one does not. */
const MOST_FRUITLESS_CLAIMS = 5;

/** Runs executions from wherever their journal ends to their conclusion. */
@Injectable()
export class ExecutionsService {
  constructor(
    private readonly journals: JournalStore,
    private readonly reports: ExecutionReports,
    private readonly prompting: Prompting,
    private readonly turns: ModelTurns,
    private readonly toolCalls: ToolCalls,
    private readonly summaries: ResultSummaries,
    private readonly clock: Clock,
    private readonly metrics: WorkerMetrics,
    @Inject(SERVICE_IDENTITY) private readonly identity: ServiceIdentity,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Resolves when the outcome is published. Safe to repeat, at any time and in any worker.
   * @throws {ExecutionLostError} another worker has it; nothing was published
   * @throws {PoisonedExecutionError} it was concluded as failed, and the task belongs to the dead letters
   * @throws {ShuttingDownError} this worker stops; whoever gets the task next continues
   */
  async run(task: TaskScheduled, delivery: Pick<Delivery, 'signal'>): Promise<void> {
    const ended = this.metrics.executionStarted();
    const journal = await this.journals.open(task.sessionId, task.executionId).catch((error: unknown) => {
      ended();
      throw error;
    });
    const stop = new StopSignal(task, journal, delivery.signal, this.clock);
    try {
      await this.#runIn(new ExecutionRun(task, journal, stop.signal), stop);
    } finally {
      stop.close();
      journal.close();
      ended();
    }
  }

  async #runIn(run: ExecutionRun, stop: StopSignal): Promise<void> {
    const { concluded, parked, trailingClaims } = run.state;
    if (concluded !== undefined) return await this.reports.concluded(run, concluded);
    if (isOutdated(run)) return this.#log(run, 'execution.outdated-task', { wakeCount: run.task.wakeCount });
    // Parked in this very run: perhaps nobody was told. Chain-runner wakes it with another wake count.
    if (parked?.wakeCount === run.task.wakeCount) return await this.reports.parked(run, parked);
    if (trailingClaims >= MOST_FRUITLESS_CLAIMS) return await this.#setAside(run, trailingClaims);
    if (isTakenOver(run)) this.metrics.executionTakenOver();
    await run.append({ type: 'claimed', workerId: this.identity.replica, wakeCount: run.task.wakeCount });
    this.#log(run, 'execution.claimed', { entries: run.journal.entries.length });
    const end = await this.#untilEnd(run).catch((error: unknown): End => {
      if (stop.stopped === undefined) throw error;
      const { status, message } = stop.stopped;
      return { kind: 'conclude', conclusion: { status, errorMessage: message, forcedConclusion: false } };
    });
    if (end.kind === 'park') await this.#park(run, end);
    else await this.#conclude(run, end.conclusion);
  }

  async #untilEnd(run: ExecutionRun): Promise<End> {
    for (;;) {
      run.signal.throwIfAborted();
      const usedUp = usedUpOf(run.task, usageOf(run.journal.entries, run.task.budget?.prices), this.clock.nowMs());
      const step = stepOfRun({ ...run.view, usedUp });
      if (step.kind === 'conclude' || step.kind === 'park') return step;
      if (step.kind === 'call-model') {
        const pause = await this.turns.take(run, step);
        if (pause !== undefined) return pause;
      } else await this.#take(run, step);
    }
  }

  async #take(run: ExecutionRun, step: Exclude<Step, End | { kind: 'call-model' }>): Promise<void> {
    switch (step.kind) {
      case 'prompt':
        return await this.prompting.begin(run);
      case 'answer-calls':
        return await this.toolCalls.answer(run, step);
      case 'switch-model':
        return await this.#switchModel(run, step.change);
      case 'read-mail':
        return await readMail(run, step.messages);
      case 'summarize':
        return await this.summaries.make(run, step.requests);
      case 'add-message':
        await addMessage(run, step);
    }
  }

  async #switchModel(run: ExecutionRun, change: ModelSwitch): Promise<void> {
    await run.append({ type: 'model-switched', ...change });
    const { from, to, errorCode } = change;
    this.metrics.modelSwitched(from.provider, to.provider);
    this.#log(run, 'execution.model-switched', { from: from.provider, to: to.provider, code: errorCode });
  }

  async #conclude(run: ExecutionRun, conclusion: Conclusion): Promise<void> {
    const iterationsUsed = run.state.iterations;
    const { maxIterations } = run.task.agent;
    const { usedUp } = run.state;
    const actions = conclusion.status === 'completed' ? actionsOf(run) : {};
    const isForced = conclusion.forcedConclusion && usedUp !== undefined;
    const entry = await run.append({ type: 'concluded', ...conclusion, ...actions, ...(isForced ? { usedUp } : {}), iterationsUsed, maxIterations }); // prettier-ignore
    await this.reports.concluded(run, entry);
    const { status, errorCode } = entry;
    this.#log(run, 'execution.concluded', { status, iterationsUsed, ...(errorCode ? { code: errorCode } : {}) });
  }

  /** Nothing of the execution stays in this worker; whoever wakes it publishes a task with a higher wake count. */
  async #park(run: ExecutionRun, { reason, mailboxSeen, wakeAt }: Step & { kind: 'park' }): Promise<void> {
    const entry = await run.append({ type: 'parked', wakeCount: run.task.wakeCount, reason, mailboxSeen, ...(wakeAt === undefined ? {} : { wakeAt }) }); // prettier-ignore
    await this.reports.parked(run, entry);
    this.#log(run, 'execution.parked', { reason });
  }

  async #setAside(run: ExecutionRun, claims: number): Promise<never> {
    const errorMessage = `the execution was taken up ${claims} times in a row without a single finished step`;
    const error = new PoisonedExecutionError(errorMessage);
    await this.#conclude(run, { status: 'failed', errorCode: error.code, errorMessage, forcedConclusion: false });
    throw error;
  }

  #log({ task }: ExecutionRun, event: string, facts: Record<string, unknown>): void {
    const { sessionId, executionId, agent } = task;
    this.logger.info({ sessionId, executionId, agent: agent.name, ...facts }, event);
  }
}

/** What the last answer of an action agent said that it did. */
function actionsOf({ state: { last } }: ExecutionRun): { actionsExecuted?: boolean } {
  const actionsExecuted = last?.type === 'turn' ? last.actionsExecuted : undefined;
  return actionsExecuted === undefined ? {} : { actionsExecuted };
}

async function addMessage(run: ExecutionRun, step: Step & { kind: 'add-message' }): Promise<void> {
  const { reason, content, usedUp } = step;
  await run.append({ type: 'message-added', reason, content, ...(usedUp === undefined ? {} : { usedUp }) });
}

/** A late copy of a task: the execution was woken since, and whoever has it now must not lose it. */
function isOutdated({ journal, task }: ExecutionRun): boolean {
  return journal.entries.some((entry) => entry.type === 'claimed' && entry.wakeCount > task.wakeCount);
}

/** Somebody claimed this very run of the execution before; after a wake-up from parking there is nobody to take it over from. */
function isTakenOver({ journal, task }: ExecutionRun): boolean {
  return journal.entries.some((entry) => entry.type === 'claimed' && entry.wakeCount === task.wakeCount);
}
