import { Injectable } from '@nestjs/common';
import { servicePresence, type ServicePresence } from '@tarsy/contracts';
import { Buckets } from '@tarsy/messaging';
import { z } from 'zod';
import type { PriceCatalogueState } from './configuration-view.js';

const detailsSchema = z.object({
  priceSource: z.enum(['catalog', 'snapshot', 'none']),
  priceModels: z.number(),
  pricesFetchedAt: z.string().optional(),
  pricesProblem: z.string().optional(),
});

/** What is known of public prices of models, as chain-runner tells it by its presence. */
@Injectable()
export class PriceCatalogue {
  constructor(private readonly buckets: Buckets) {}

  /** Of several replicas the one that looked last. */
  async state(): Promise<PriceCatalogueState> {
    const presences = [...(await this.buckets.open(servicePresence).entries()).values()];
    const [latest] = presences
      .flatMap(reported)
      .toSorted((one, other) => (other.last_fetch ?? '').localeCompare(one.last_fetch ?? ''));
    return latest ?? { source: 'none', entry_count: 0 };
  }
}

function reported({ app, details }: ServicePresence): PriceCatalogueState[] {
  const { success, data } = detailsSchema.safeParse(details);
  if (app !== 'chain-runner' || !success) return [];
  const { priceSource, priceModels, pricesFetchedAt, pricesProblem } = data;
  return [
    {
      source: priceSource,
      entry_count: priceModels,
      ...(pricesFetchedAt === undefined ? {} : { last_fetch: pricesFetchedAt }),
      ...(pricesProblem === undefined ? {} : { last_error: pricesProblem }),
    },
  ];
}
