import { Injectable } from '@nestjs/common';
import type { ToolCallOutcome, ToolCallRequested, ToolDescription } from '@tarsy/contracts';
import { AppError, messageOf } from '@tarsy/core';
import { ShuttingDownError, type Delivery } from '@tarsy/messaging';
import { HealthMonitor } from '../catalogue/health-monitor.js';
import { ServerSessions } from '../executions/server-sessions.service.js';
import { ConnectionPool } from '../connections/connection-pool.js';
import { ConnectionBrokenError, ServerUnavailableError, ToolTimeoutError } from '../connections/connections.errors.js';
import type { ServerConnection } from '../connections/server-connection.js';
import { resultText } from './result-text.js';
import { ToolCallClaims } from './tool-call-claims.js';

const LIST_TIMEOUT_MS = 30_000;
/** Longer than any agent waits for a result: what has not begun by then is not wanted any more. */
const LONGEST_WAIT_MS = 15 * 60_000;

export interface Answer {
  readonly outcome: ToolCallOutcome;
  /** Not masked yet. */
  readonly content: string;
}

/** Runs one tool on one server, at most once where that matters, and says in words what came of it. */
@Injectable()
export class ToolRunner {
  constructor(
    private readonly pool: ConnectionPool,
    private readonly health: HealthMonitor,
    private readonly claims: ToolCallClaims,
    private readonly sessions: ServerSessions,
  ) {}

  /**
   * @returns undefined where another copy of the request is running, or has run
   * @throws whatever keeps the answer from being known yet; the same request may be tried again
   */
  async answer(call: ToolCallRequested, delivery: Delivery): Promise<Answer | undefined> {
    const connection = this.pool.of(call.server);
    if (!connection) return { outcome: 'not_found', content: `There is no tool server "${call.server}".` };
    const own = this.pool.forExecution(call.server, call.executionId) ?? connection;
    const stop = stopSignal(delivery.signal);
    try {
      return await this.#run({ connection, own }, call, delivery, stop);
    } catch (error) {
      // A broker that stops must leave the call to another one, not answer for it.
      if (stop.aborted || connection.isClosed || own.isClosed) throw error;
      return answerFor(error, call);
    }
  }

  async #run(
    { connection, own }: { readonly connection: ServerConnection; readonly own: ServerConnection },
    call: ToolCallRequested,
    { sequence, publishedAt }: Delivery,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    if (Date.now() - publishedAt.getTime() > LONGEST_WAIT_MS)
      return { outcome: 'unavailable', content: `${call.tool} was not run: the call waited too long for its server.` };
    const tools = await this.#toolsOf(connection, call.tool);
    const tool = tools.get(call.tool);
    if (!tool)
      return {
        outcome: 'not_found',
        content: `${call.server} has no tool "${call.tool}". Available: ${[...tools.keys()].sort().join(', ')}`,
      };
    await this.sessions.begin(call);
    const isRepeatable = mayRepeat(tool);
    if (!isRepeatable) {
      const claim = await this.claims.claim(call, sequence);
      if (claim === 'other-request') return undefined;
      if (claim === 'begun') return unknownOutcome(call, 'its broker stopped before the tool had answered');
    }
    const { tool: name, arguments: given, timeoutMs } = call;
    const result = await own.callTool({ tool: name, arguments: given, timeoutMs, isRepeatable, signal });
    return { outcome: result.isError ? 'tool_error' : 'ok', content: resultText(result) };
  }

  /** As last seen; asks the server again before it says that there is no such tool. */
  async #toolsOf(connection: ServerConnection, tool: string): Promise<ReadonlyMap<string, ToolDescription>> {
    const known = this.health.toolsOf(connection.id);
    return known?.has(tool) ? known : await this.health.refresh(connection, LIST_TIMEOUT_MS);
  }
}

/** What the server itself says about its tool. */
function mayRepeat({ annotations }: ToolDescription): boolean {
  return annotations.readOnlyHint === true || annotations.idempotentHint === true;
}

function answerFor(error: unknown, call: ToolCallRequested): Answer {
  if (error instanceof ToolTimeoutError)
    return {
      outcome: 'timeout',
      content: `${call.tool} gave no answer within ${call.timeoutMs / 1_000} s. It may still have run.`,
    };
  if (error instanceof ServerUnavailableError)
    return { outcome: 'unavailable', content: `Tool server unavailable: ${error.message}` };
  if (error instanceof ConnectionBrokenError) return unknownOutcome(call, error.message);
  // Not an answer of the tool: NATS is away, for instance.
  if (error instanceof AppError) throw error;
  return { outcome: 'tool_error', content: messageOf(error) };
}

function unknownOutcome({ tool }: ToolCallRequested, reason: string): Answer {
  return {
    outcome: 'unknown',
    content: `The outcome of ${tool} is unknown: ${reason}. The call may or may not have taken effect; verify before you go on.`,
  };
}

/** A delivery that may be elsewhere by now is no reason to break off a call that runs; a service that must stop is. */
function stopSignal(signal: AbortSignal): AbortSignal {
  const stop = new AbortController();
  const forward = (): void => {
    if (signal.reason instanceof ShuttingDownError) stop.abort(signal.reason);
  };
  if (signal.aborted) forward();
  signal.addEventListener('abort', forward, { once: true });
  return stop.signal;
}
