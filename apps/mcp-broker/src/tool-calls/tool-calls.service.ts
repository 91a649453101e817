import { Inject, Injectable } from '@nestjs/common';
import type { Configuration } from '@tarsy/config';
import { toolCallCompleted, type ToolCallOutcome, type ToolCallRequested } from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import { Masker } from '@tarsy/masking';
import { MessagePublisher } from '@tarsy/messaging';
import { Metrics, type Counter, type Histogram, type Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { HealthMonitor } from '../catalogue/health-monitor.js';
import { ConnectionPool } from '../connections/connection-pool.js';
import { ServerUnavailableError, ToolTimeoutError } from '../connections/connections.errors.js';
import type { ServerConnection } from '../connections/server-connection.js';
import { CONFIGURATION } from '../mcp-broker.config.js';
import { resultText } from './result-text.js';

const REDACTED = '[the result was withheld: it could not be masked]';

interface Answer {
  readonly outcome: ToolCallOutcome;
  readonly content: string;
}

/** Runs tool calls and puts their results on the session log: one result for each call, whatever happens. */
@Injectable()
export class ToolCallsService {
  readonly #maskers: ReadonlyMap<string, Masker>;
  readonly #calls: Counter<'server' | 'tool'>;
  readonly #errors: Counter<'server' | 'tool'>;
  readonly #seconds: Histogram<'server' | 'tool'>;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly health: HealthMonitor,
    private readonly publisher: MessagePublisher,
    private readonly clock: Clock,
    metrics: Metrics,
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#maskers = new Map(
      Object.entries(configuration.mcpServers).map(([id, { masking }]) => [
        id,
        new Masker({
          ...(masking.enabled ? masking : {}),
          onBadPattern: (pattern, reason) => logger.error({ server: id, pattern, reason }, 'masking.pattern-skipped'),
        }),
      ]),
    );
    this.#calls = metrics.counter('tarsy_mcp_calls_total', 'Tool calls.', ['server', 'tool']);
    this.#errors = metrics.counter('tarsy_mcp_errors_total', 'Tool calls without a good answer.', ['server', 'tool']);
    this.#seconds = metrics.histogram('tarsy_mcp_duration_seconds', 'From call to answer.', ['server', 'tool'], [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]); // prettier-ignore
  }

  /**
   * @param attempt From 1. On a later one another process, or this one before it was restarted, may have run the tool without leaving a
   *   result: it is run again only if its server says that this is safe.
   */
  async run(call: ToolCallRequested, attempt: number): Promise<void> {
    const startedAtMs = this.clock.nowMs();
    const { outcome, content } = await this.#answer(call, attempt);
    const durationMs = this.clock.nowMs() - startedAtMs;
    const { sessionId, stageId, executionId, callId, server, tool } = call;
    this.#calls.inc({ server, tool });
    if (outcome !== 'ok') this.#errors.inc({ server, tool });
    this.#seconds.observe({ server, tool }, durationMs / 1_000);
    const isFirst = await this.publisher.publishOnce(toolCallCompleted, {
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

  async #answer(call: ToolCallRequested, attempt: number): Promise<Answer> {
    const connection = this.pool.of(call.server);
    if (!connection) return { outcome: 'not_found', content: `There is no tool server "${call.server}".` };
    try {
      return await this.#call(connection, call, attempt);
    } catch (error) {
      if (error instanceof ToolTimeoutError)
        return {
          outcome: 'timeout',
          content: `${call.tool} gave no answer within ${call.timeoutMs / 1_000} s. It may still have run.`,
        };
      if (error instanceof ServerUnavailableError)
        return { outcome: 'unavailable', content: `Tool server unavailable: ${error.message}` };
      return { outcome: 'tool_error', content: messageOf(error) };
    }
  }

  async #call(connection: ServerConnection, call: ToolCallRequested, attempt: number): Promise<Answer> {
    const known = this.health.toolsOf(call.server)?.get(call.tool);
    const tools = known ? this.health.toolsOf(call.server)! : await this.health.refresh(connection, 30_000);
    const tool = tools.get(call.tool);
    if (!tool)
      return {
        outcome: 'not_found',
        content: `${call.server} has no tool "${call.tool}". Available: ${[...tools.keys()].sort().join(', ')}`,
      };
    const isRepeatable = tool.annotations.readOnlyHint === true || tool.annotations.idempotentHint === true;
    if (attempt > 1 && !isRepeatable)
      return {
        outcome: 'unknown',
        content: `The outcome of ${call.tool} is unknown: the broker stopped after the call was requested and before it had an answer. The call may or may not have taken effect; verify before you go on.`,
      };
    const result = await connection.callTool(call.tool, call.arguments, call.timeoutMs, isRepeatable);
    return { outcome: result.isError ? 'tool_error' : 'ok', content: resultText(result) };
  }

  /** Fail-closed: what can not be masked is not shown. */
  #mask(server: string, content: string): string {
    try {
      return this.#maskers.get(server)?.mask(content) ?? content;
    } catch (error) {
      this.logger.error({ server, error: messageOf(error) }, 'tool-call.masking-failed');
      return REDACTED;
    }
  }
}
