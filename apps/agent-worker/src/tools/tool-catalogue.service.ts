import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { serverHealth, toolCatalogue, type ToolDescription } from '@tarsy/contracts';
import { Buckets } from '@tarsy/messaging';

/** Which tools there are, as mcp-broker last said: a copy of the catalogue that follows every change. */
@Injectable()
export class ToolCatalogue implements OnModuleInit, OnModuleDestroy {
  readonly #tools = new Map<string, readonly ToolDescription[]>();
  /** Why a server can not be reached, by server. */
  readonly #problems = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];

  constructor(private readonly buckets: Buckets) {}

  async onModuleInit(): Promise<void> {
    const stopTools = await this.buckets.open(toolCatalogue).watch((server, entry) => {
      if (entry === undefined) this.#tools.delete(server);
      else this.#tools.set(server, entry.tools);
      this.#changed();
    });
    const stopHealth = await this.buckets.open(serverHealth).watch((server, health) => {
      if (health === undefined || health.healthy) this.#problems.delete(server);
      else this.#problems.set(server, health.errorMessage ?? 'it does not answer');
      this.#changed();
    });
    this.#stops.push(stopTools, stopHealth);
  }

  onModuleDestroy(): void {
    for (const stop of this.#stops) stop();
  }

  /** Undefined as long as the server has never listed its tools. */
  toolsOf(server: string): readonly ToolDescription[] | undefined {
    return this.#tools.get(server);
  }

  problemOf(server: string): string | undefined {
    return this.#problems.get(server);
  }

  /** Resolves when of each server either the tools or the problem is known, at the latest after `timeoutMs`. */
  async untilKnown(servers: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<void> {
    const isKnown = (server: string): boolean => this.#tools.has(server) || this.#problems.has(server);
    if (servers.every(isKnown)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => (servers.every(isKnown) ? resolve() : undefined);
    const stop = (): void => reject(signal.reason as Error);
    const timer = setTimeout(resolve, timeoutMs);
    this.#listeners.add(look);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(look);
      signal.removeEventListener('abort', stop);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
