import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { parseCatalogue, PriceList, type Configuration } from '@tarsy/config';
import { Clock, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CHAIN_RUNNER_ENVIRONMENT, CONFIGURATION, type ChainRunnerEnvironment } from '../chain-runner.config.js';

const REFRESH_EVERY_MS = 24 * 3_600_000;
const FETCH_TIMEOUT_MS = 30_000;
const MOST_BYTES = 20 * 1_024 * 1_024;

/** Prices of models, the public ones looked up once a day. Without a network the bundled ones serve. */
@Injectable()
export class ModelPrices implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly list: PriceList;
  readonly #isOn: boolean;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #fetchedAt: string | undefined;
  #problem: string | undefined;

  constructor(
    @Inject(CONFIGURATION) { system }: Configuration,
    @Inject(CHAIN_RUNNER_ENVIRONMENT) private readonly environment: ChainRunnerEnvironment,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#isOn = system.costEstimation.enabled;
    this.list = new PriceList(system.costEstimation);
  }

  onApplicationBootstrap(): void {
    if (!this.#isOn || this.environment.priceCatalogueUrl === undefined) return;
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), REFRESH_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#stop.abort();
  }

  /** For the page of the configuration, which another service shows. */
  get presence(): Record<string, string | number> {
    const { name, models } = this.list.source;
    return {
      priceSource: name,
      priceModels: models,
      ...(this.#fetchedAt === undefined ? {} : { pricesFetchedAt: this.#fetchedAt }),
      ...(this.#problem === undefined ? {} : { pricesProblem: this.#problem }),
    };
  }

  /** Never throws: what was known before stays. */
  async refresh(): Promise<void> {
    const { priceCatalogueUrl: url } = this.environment;
    if (url === undefined) return;
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const catalogue = parseCatalogue(JSON.parse(await textUpTo(response, MOST_BYTES)));
      if (catalogue.size === 0) throw new Error('no prices in it');
      this.list.update(catalogue);
      this.#fetchedAt = this.clock.nowIso();
      this.#problem = undefined;
      this.logger.info({ url, models: catalogue.size }, 'prices.refreshed');
    } catch (error) {
      this.#problem = messageOf(error);
      if (!this.#stop.signal.aborted) this.logger.info({ url, error: messageOf(error) }, 'prices.not-refreshed');
    }
  }
}

async function textUpTo(response: Response, mostBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new Error(`more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
