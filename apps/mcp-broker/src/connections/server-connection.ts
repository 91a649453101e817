import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ErrorCode, McpError, type CallToolResult, type Tool } from '@modelcontextprotocol/sdk/types.js';
import type { McpServerDefinition } from '@tarsy/config';
import { messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerUnavailableError, ToolTimeoutError } from './connections.errors.js';
import { createTransport } from './transport.js';

const CONNECT_TIMEOUT_MS = 30_000;
const RECONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_WAIT_MS = { least: 250, most: 750 };
const CLIENT = { name: 'tarsy', version: '0.1.0' };

/** One long-lived connection to one tool server, made at first use and again after it broke. Used by all calls of this process. */
export class ServerConnection {
  #client: Promise<Client> | undefined;
  #everConnected = false;
  #closed = false;

  constructor(
    readonly id: string,
    private readonly definition: McpServerDefinition,
    private readonly logger: Logger,
  ) {}

  /**
   * @throws {ServerUnavailableError} no connection, also not after one more try
   * @throws {ToolTimeoutError} no answer within `timeoutMs`
   */
  async listTools(timeoutMs: number): Promise<Tool[]> {
    return await this.#use(timeoutMs, async (client) => {
      const tools: Tool[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: timeoutMs });
        tools.push(...page.tools);
        cursor = page.nextCursor;
      } while (cursor !== undefined && tools.length < 10_000);
      return tools;
    });
  }

  /**
   * @throws {ServerUnavailableError} the tool did not run, or the connection broke and one retry failed as well
   * @throws {ToolTimeoutError} no answer within `timeoutMs`; the tool may have run
   * @param isRepeatable Whether the call may be sent again after the connection broke in the middle of it.
   */
  async callTool(
    tool: string,
    toolArguments: Record<string, unknown>,
    timeoutMs: number,
    isRepeatable: boolean,
  ): Promise<CallToolResult> {
    return await this.#use(
      timeoutMs,
      async (client) =>
        (await client.callTool({ name: tool, arguments: toolArguments }, undefined, {
          timeout: timeoutMs,
        })) as CallToolResult,
      isRepeatable,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.close().catch(() => undefined);
  }

  async #use<Result>(
    timeoutMs: number,
    work: (client: Client) => Promise<Result>,
    isRepeatable = true,
  ): Promise<Result> {
    const client = await this.#connected();
    try {
      return await work(client);
    } catch (error) {
      if (isTimeout(error))
        throw new ToolTimeoutError(`${this.id} gave no answer within ${timeoutMs} ms`, { cause: error });
      if (!isConnectionFailure(error)) throw error;
      this.#forget(client);
      if (!isRepeatable)
        throw new ServerUnavailableError(`connection to ${this.id} broke: ${messageOf(error)}`, { cause: error });
      this.logger.warn({ server: this.id, error: messageOf(error) }, 'mcp.connection-broken');
      return await this.#again(timeoutMs, work);
    }
  }

  async #again<Result>(timeoutMs: number, work: (client: Client) => Promise<Result>): Promise<Result> {
    await sleep(RECONNECT_WAIT_MS.least + Math.random() * (RECONNECT_WAIT_MS.most - RECONNECT_WAIT_MS.least));
    const client = await this.#connected();
    try {
      return await work(client);
    } catch (error) {
      if (isTimeout(error))
        throw new ToolTimeoutError(`${this.id} gave no answer within ${timeoutMs} ms`, { cause: error });
      if (!isConnectionFailure(error)) throw error;
      this.#forget(client);
      throw new ServerUnavailableError(`connection to ${this.id} broke again: ${messageOf(error)}`, { cause: error });
    }
  }

  async #connected(): Promise<Client> {
    if (this.definition.unavailableBecause) throw new ServerUnavailableError(this.definition.unavailableBecause);
    if (this.#closed) throw new ServerUnavailableError(`${this.id} is being closed`);
    this.#client ??= this.#connect();
    try {
      return await this.#client;
    } catch (error) {
      this.#client = undefined;
      throw new ServerUnavailableError(`can not connect to ${this.id}: ${messageOf(error)}`, { cause: error });
    }
  }

  async #connect(): Promise<Client> {
    const client = new Client(CLIENT);
    const transport = createTransport(this.definition.transport, (text) =>
      this.logger.debug({ server: this.id, text: text.slice(0, 2_000) }, 'mcp.server-stderr'),
    );
    client.onclose = () => this.#forget(client);
    const timeout = this.#everConnected ? RECONNECT_TIMEOUT_MS : CONNECT_TIMEOUT_MS;
    try {
      await client.connect(transport, { timeout });
    } catch (error) {
      await client.close().catch(() => undefined);
      throw error;
    }
    this.#everConnected = true;
    this.logger.info({ server: this.id }, 'mcp.connected');
    return client;
  }

  /** The next use connects anew. */
  #forget(client: Client): void {
    const current = this.#client;
    void current?.then(
      (known) => {
        if (known === client && this.#client === current) this.#client = undefined;
      },
      () => undefined,
    );
    void client.close().catch(() => undefined);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof McpError && error.code === (ErrorCode.RequestTimeout as number);
}

/** Everything but an answer of the server: a closed pipe, a refused or reset connection, HTTP 404 (session gone) and 5xx. */
function isConnectionFailure(error: unknown): boolean {
  if (error instanceof McpError) return error.code === (ErrorCode.ConnectionClosed as number);
  const status = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN;
  return Number.isNaN(status) || status === 404 || status >= 500;
}
