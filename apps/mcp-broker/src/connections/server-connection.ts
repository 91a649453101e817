import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import type { McpServerDefinition } from '@tarsy/config';
import { messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionBrokenError, ServerUnavailableError, ToolTimeoutError } from './connections.errors.js';
import { failureKindOf } from './failure-kind.js';
import { createTransport } from './transport.js';

const CONNECT_TIMEOUT_MS = 30_000;
const RECONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_WAIT_MS = { least: 250, most: 750 };
const MOST_TOOLS = 10_000;
const CLIENT = { name: 'tarsy', version: '0.1.0' };

interface Use {
  readonly timeoutMs: number;
  /** Whether the request may be sent again after the connection broke in the middle of it. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal;
}

export interface ToolCall extends Use {
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
}

/** One long-lived connection to one tool server, made at first use and again after it broke. Used by all calls of this process. */
export class ServerConnection {
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  #everConnected = false;
  #running = 0;
  readonly #closing = new Set<Promise<void>>();
  readonly #closed = new AbortController();

  constructor(
    readonly id: string,
    private readonly definition: McpServerDefinition,
    private readonly logger: Logger,
  ) {}

  /** Requests that wait for an answer now. */
  get running(): number {
    return this.#running;
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /**
   * @throws {ServerUnavailableError} no connection, also not after one more try
   * @throws {ToolTimeoutError} no answer within `timeoutMs`
   */
  async listTools(timeoutMs: number): Promise<Tool[]> {
    return await this.#use({ timeoutMs, isRepeatable: true }, async (client) => {
      const tools: Tool[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: timeoutMs });
        tools.push(...page.tools);
        cursor = page.nextCursor;
      } while (cursor !== undefined && tools.length < MOST_TOOLS);
      return tools;
    });
  }

  /**
   * @throws {ServerUnavailableError} no answer, also not after one more try; a tool that is not safe to repeat did not run
   * @throws {ConnectionBrokenError} the connection broke in the middle of a call that is not safe to repeat
   * @throws {ToolTimeoutError} no answer within `timeoutMs`; the tool may have run
   * @throws the reason of the signal
   */
  async callTool(call: ToolCall): Promise<CallToolResult> {
    const { tool, timeoutMs, signal } = call;
    const options = { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
    return await this.#use(
      call,
      async (client) =>
        (await client.callTool({ name: tool, arguments: call.arguments }, undefined, options)) as CallToolResult,
    );
  }

  /** Ends the connection, and with it whatever still waits for an answer; the next use connects anew. */
  reset(reason: string): void {
    if (this.#client === undefined) return;
    this.logger.warn({ server: this.id, reason }, 'mcp.connection-reset');
    this.#forget(this.#client);
  }

  async close(): Promise<void> {
    this.#closed.abort(new ServerUnavailableError(`${this.id} is being closed`));
    if (this.#client !== undefined) this.#forget(this.#client);
    await this.#connecting?.catch(() => undefined);
    await Promise.all(this.#closing);
  }

  async #use<Result>(use: Use, work: (client: Client) => Promise<Result>): Promise<Result> {
    this.#running++;
    try {
      for (let attempt = 1; ; attempt++) {
        const result = await this.#try(use, work, attempt === 2);
        if (result !== undefined) return result.value;
        await sleep(RECONNECT_WAIT_MS.least + Math.random() * (RECONNECT_WAIT_MS.most - RECONNECT_WAIT_MS.least));
        use.signal?.throwIfAborted();
      }
    } finally {
      this.#running--;
    }
  }

  /** Undefined where the request failed in a way that allows one more try. */
  async #try<Result>(
    { timeoutMs, isRepeatable, signal }: Use,
    work: (client: Client) => Promise<Result>,
    isLast: boolean,
  ): Promise<{ value: Result } | undefined> {
    let client: Client | undefined;
    try {
      client = await this.#connected();
      signal?.throwIfAborted();
      return { value: await work(client) };
    } catch (error) {
      signal?.throwIfAborted();
      this.#closed.signal.throwIfAborted();
      if (error instanceof ServerUnavailableError) throw error;
      const kind = client === undefined ? kindOfConnecting(error) : failureKindOf(error);
      const text = `${this.id}: ${messageOf(error)}`;
      if (kind === 'answer') throw error;
      if (kind === 'rejected')
        throw new ServerUnavailableError(`${client === undefined ? 'can not connect to' : 'refused by'} ${text}`, {
          cause: error,
        });
      if (kind === 'timeout') throw new ToolTimeoutError(`no answer from ${this.id} within ${timeoutMs} ms`, { cause: error }); // prettier-ignore
      this.logger.warn({ server: this.id, error: messageOf(error), kind, isLast }, 'mcp.connection-failed');
      if (client !== undefined) this.#forget(client);
      if (kind === 'broken' && !isRepeatable)
        throw new ConnectionBrokenError(`the connection broke to ${text}`, { cause: error });
      if (isLast) throw new ServerUnavailableError(`no lasting connection to ${text}`, { cause: error });
      return undefined;
    }
  }

  async #connected(): Promise<Client> {
    if (this.definition.unavailableBecause) throw new ServerUnavailableError(this.definition.unavailableBecause);
    this.#closed.signal.throwIfAborted();
    if (this.#client !== undefined) return this.#client;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return await this.#connecting;
  }

  async #connect(): Promise<Client> {
    const client = new Client(CLIENT);
    const transport = createTransport(this.definition.transport, {
      onStderr: (text) => this.logger.debug({ server: this.id, text: text.slice(0, 2_000) }, 'mcp.server-stderr'),
      onBroken: () => this.#forget(client),
    });
    client.onclose = () => this.#forget(client);
    client.onerror = (error) =>
      this.logger.debug({ server: this.id, error: messageOf(error).slice(0, 2_000) }, 'mcp.transport-error');
    const timeout = this.#everConnected ? RECONNECT_TIMEOUT_MS : CONNECT_TIMEOUT_MS;
    try {
      await client.connect(transport, { timeout, signal: this.#closed.signal });
      this.#closed.signal.throwIfAborted();
    } catch (error) {
      await client.close().catch(() => undefined);
      throw error;
    }
    this.#everConnected = true;
    this.#client = client;
    this.logger.info({ server: this.id }, 'mcp.connected');
    return client;
  }

  /** The next use connects anew; requests that wait on this client fail as broken. */
  #forget(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    // A child that does not want to end is given some seconds before it is killed.
    const closing = client
      .close()
      .catch(() => undefined)
      .then(() => void this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** The tool was not called yet, so nothing is uncertain: only a server that hangs is not worth a second wait. */
function kindOfConnecting(error: unknown): 'not-reached' | 'rejected' {
  const kind = failureKindOf(error);
  return kind === 'broken' || kind === 'not-reached' ? 'not-reached' : 'rejected';
}
