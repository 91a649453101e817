import { Inject, Injectable } from '@nestjs/common';
import { runbookLookup } from '@tarsy/contracts';
import { messageOf } from '@tarsy/core';
import { Lookups } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CATALOGUE, type Catalogue } from './catalogue.js';

const LONGEST_WAIT_MS = 5_000;

/** Runbooks of the configured repository, as mcp-broker tells them: this service has neither a token nor a way out. */
@Injectable()
export class RunbookList {
  constructor(
    @Inject(CATALOGUE) private readonly catalogue: Catalogue,
    private readonly lookups: Lookups,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Empty where there are none, and where nobody answers within 5 s: an alert needs no runbook. */
  async urls(): Promise<readonly string[]> {
    if (!this.catalogue.hasRunbooks) return [];
    try {
      const listing = await this.lookups.ask(runbookLookup, LONGEST_WAIT_MS);
      if (listing === undefined) this.logger.warn('runbooks.no-answer');
      return listing?.urls ?? [];
    } catch (error) {
      this.logger.warn({ error: messageOf(error) }, 'runbooks.no-answer');
      return [];
    }
  }
}
