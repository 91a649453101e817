import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Configuration, McpServerDefinition } from '@tarsy/config';
import { toolCallCompleted, type ToolCallCompleted, type ToolCallRequested } from '@tarsy/contracts';
import { AppError, Clock, messageOf } from '@tarsy/core';
import { Masker } from '@tarsy/masking';
import { MessagePublisher, SessionLog, type Delivery } from '@tarsy/messaging';
import { Metrics, placeOf, Tracing, type Counter, type Histogram, type Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CONFIGURATION } from '../mcp-broker.config.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { ToolRunner, type Answer } from './tool-runner.js';

const PUBLISH_PAUSE_MS = 1_000;
const REDACTED = '[the result was withheld: it could not be masked]';

/** Runs tool calls and puts their results on the session log: one result for each call, whatever happens. */
@Injectable()
export class ToolCallsService implements OnApplicationShutdown {
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;
  readonly #maskers = new Map<string, { readonly settings: McpServerDefinition['masking']; readonly masker: Masker }>();
  readonly #calls: Counter<'server' | 'tool'>;
  readonly #errors: Counter<'server' | 'tool'>;
  readonly #seconds: Histogram<'server' | 'tool'>;

  constructor(
    private readonly runner: ToolRunner,
    private readonly log: SessionLog,
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
    private readonly tracing: Tracing,
    metrics: Metrics,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#calls = metrics.counter('tarsy_mcp_calls_total', 'Tool calls.', ['server', 'tool']);
    this.#errors = metrics.counter('tarsy_mcp_errors_total', 'Tool calls without a good answer.', ['server', 'tool']);
    this.#seconds = metrics.histogram('tarsy_mcp_duration_seconds', 'From call to answer.', ['server', 'tool'], [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]); // prettier-ignore
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
  }

  /** A call that has its result is left alone; one that runs here already is waited for. */
  async run(call: ToolCallRequested, delivery: Delivery): Promise<void> {
    const key = `${call.executionId}.${call.callId}`;
    const running = this.#running.get(key) ?? this.#runOnce(call, delivery).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    await running;
  }

  async #runOnce(call: ToolCallRequested, delivery: Delivery): Promise<void> {
    const { sessionId, stageId, executionId, callId, server, tool } = call;
    if (await this.log.hasToolResult(sessionId, executionId, callId, delivery.attempt > 1)) return;
    const startedAtMs = this.clock.nowMs();
    const answer = await this.#answer(call, delivery);
    if (answer === undefined) return;
    const { outcome, content } = answer;
    const durationMs = this.clock.nowMs() - startedAtMs;
    this.#calls.inc({ server, tool });
    if (outcome !== 'ok') this.#errors.inc({ server, tool });
    this.#seconds.observe({ server, tool }, durationMs / 1_000);
    const isFirst = await this.#publish({
      sessionId,
      stageId,
      executionId,
      callId,
      server,
      tool,
      outcome,
      isError: outcome !== 'ok',
      content: this.#mask(server, content),
      durationMs,
      completedAt: this.clock.nowIso(),
    });
    this.logger.info(
      { sessionId, executionId, callId, server, tool, outcome, durationMs, isFirst },
      'tool-call.completed',
    );
  }

  /** In a span that says which tool it was and how it ended, and nothing of what went in or came out. */
  async #answer(call: ToolCallRequested, delivery: Delivery): Promise<Answer | undefined> {
    const attributes = {
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': call.tool,
      'gen_ai.tool.call.id': call.callId,
      'tarsy.tool.server': call.server,
      ...placeOf(call),
    };
    return await this.tracing.inSpan({ name: `tools/call ${call.tool}`, kind: 'client', attributes }, async (span) => {
      const answer = await this.runner.answer(call, delivery);
      if (answer === undefined) span.discard();
      else span.set({ 'tarsy.tool.outcome': answer.outcome });
      if (answer && answer.outcome !== 'ok') span.fail(answer.outcome);
      return answer;
    });
  }

  /** An answer is not given up because NATS is away: the call it came from may not be run again. */
  async #publish(result: ToolCallCompleted): Promise<boolean> {
    for (;;) {
      try {
        return await this.publisher.publishOnce(toolCallCompleted, result);
      } catch (error) {
        if (this.#stopped || !(error instanceof AppError && error.retryable)) throw error;
        this.logger.warn({ callId: result.callId, error: messageOf(error) }, 'tool-call.result-not-published');
        await sleep(PUBLISH_PAUSE_MS);
      }
    }
  }

  /** Fail-closed: what can not be masked is not shown. */
  #mask(server: string, content: string): string {
    try {
      return this.#maskerOf(server)?.mask(content) ?? content;
    } catch (error) {
      this.logger.error({ server, error: messageOf(error) }, 'tool-call.masking-failed');
      return REDACTED;
    }
  }

  /** Built again only when the configuration was; the last one stays for calls of a server that is not configured any more. */
  #maskerOf(server: string): Masker | undefined {
    const known = this.#maskers.get(server);
    const settings = this.configuration.mcpServers[server]?.masking;
    if (settings === undefined || settings === known?.settings) return known?.masker;
    const onBadPattern = (pattern: string, reason: string): void =>
      this.logger.error({ server, pattern, reason }, 'masking.pattern-skipped');
    const masker = new Masker({ ...(settings.enabled ? settings : {}), onBadPattern });
    this.#maskers.set(server, { settings, masker });
    return masker;
  }
}
