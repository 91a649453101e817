import { PriceList, type Configuration } from '@tarsy/config';
import { SystemClock } from '@tarsy/core';
import { createSilentLogger } from '@tarsy/observability';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEnvironment } from '../chain-runner.config.js';
import { ModelPrices } from './model-prices.js';

let server: Server;
let answer: { status: number; body: unknown };

beforeEach(async () => {
  server = createServer((_, response) => response.writeHead(answer.status).end(JSON.stringify(answer.body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function pricesWith(enabled: boolean): ModelPrices {
  const configuration = { system: { costEstimation: { enabled, modelRates: {}, promotions: [] } } };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const environment = readEnvironment({ DATABASE_URL: 'postgres://nowhere', MODEL_PRICES_URL: url });
  return new ModelPrices(configuration as unknown as Configuration, environment, new SystemClock(), createSilentLogger()); // prettier-ignore
}

describe(ModelPrices.name, () => {
  const bundled = new PriceList({ enabled: true, modelRates: {}, promotions: [] }).source.models;

  it('has the bundled prices, and says why it has no others', async () => {
    const prices = pricesWith(true);
    expect(bundled).toBeGreaterThan(5);
    expect(prices.presence).toEqual({ priceSource: 'snapshot', priceModels: bundled });
    answer = { status: 503, body: {} };
    await prices.refresh();
    expect(prices.presence).toEqual({ priceSource: 'snapshot', priceModels: bundled, pricesProblem: 'HTTP 503' });
  });

  it('takes over the catalogue, and keeps it when it is away later', async () => {
    const prices = pricesWith(true);
    answer = { status: 200, body: { one: { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 } } };
    await prices.refresh();
    const pricesFetchedAt = expect.stringMatching(/^\d{4}-.*Z$/) as unknown;
    expect(prices.presence).toEqual({ priceSource: 'catalog', priceModels: 1, pricesFetchedAt });
    answer = { status: 200, body: {} };
    await prices.refresh();
    expect(prices.presence).toMatchObject({ priceSource: 'catalog', pricesProblem: 'no prices in it' });
    expect(prices.list.priceOf('one', Date.now())).toMatchObject({ inputPerMillion: 1, outputPerMillion: 2 });
  });

  it('has none where costs are not estimated', () => {
    expect(pricesWith(false).presence).toEqual({ priceSource: 'none', priceModels: 0 });
  });
});
