import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { repositoryFolderOf, type Configuration } from '@tarsy/config';
import { runbookLookup } from '@tarsy/contracts';
import { Clock, messageOf } from '@tarsy/core';
import { Lookups } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { BROKER_ENVIRONMENT, CONFIGURATION, type BrokerEnvironment } from '../mcp-broker.config.js';
import { listRunbooks } from './list-runbooks.js';
import { RunbookListingError } from './runbooks.errors.js';
import { SharedListing } from './shared-listing.js';

/** Whoever asked does not wait that long; the next one finds the listing. */
const LONGEST_MS = 60_000;

interface Listing {
  readonly repository: string;
  readonly urls: readonly string[];
  readonly untilMs: number;
}

/** Tells which runbooks the configured repository has. Listed when somebody asks, kept for `system.runbooks.cache_ttl`. */
@Injectable()
export class RunbookListing implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stopped = new AbortController();
  readonly #running = new Map<string, Promise<readonly string[]>>();
  #kept: Listing | undefined;
  #stopAnswering: (() => void) | undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(BROKER_ENVIRONMENT) private readonly environment: BrokerEnvironment,
    private readonly shared: SharedListing,
    private readonly lookups: Lookups,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#stopAnswering = this.lookups.answer(runbookLookup, async () => ({ urls: [...(await this.urls())] }));
  }

  onApplicationShutdown(): void {
    this.#stopAnswering?.();
    this.#stopped.abort();
  }

  /** Empty where no repository is configured, or where it can not be read; only what was read is kept. */
  async urls(): Promise<readonly string[]> {
    const { repositoryUrl, allowedDomains } = this.configuration.system.runbooks;
    if (repositoryUrl === '') return [];
    const repository = JSON.stringify([this.environment.githubApiUrl, repositoryUrl, allowedDomains]);
    if (this.#kept?.repository === repository && this.#kept.untilMs > this.clock.nowMs()) return this.#kept.urls;
    const running = this.#running.get(repository) ?? this.#find(repository).finally(() => this.#running.delete(repository)); // prettier-ignore
    this.#running.set(repository, running);
    return await running;
  }

  async #find(repository: string): Promise<readonly string[]> {
    const shared = await this.shared.get(repository);
    if (shared !== undefined) return shared;
    const { repositoryUrl, cacheTtlMs } = this.configuration.system.runbooks;
    try {
      const urls = await this.#list(repositoryUrl);
      this.#kept = { repository, urls, untilMs: this.clock.nowMs() + cacheTtlMs };
      await this.shared.put(repository, urls, cacheTtlMs);
      this.logger.info({ runbooks: urls.length }, 'runbooks.listed');
      return urls;
    } catch (error) {
      if (!this.#stopped.signal.aborted)
        this.logger.warn({ code: 'RUNBOOKS_NOT_LISTED', error: messageOf(error) }, 'runbooks.not-listed'); // prettier-ignore
      return [];
    }
  }

  async #list(repositoryUrl: string): Promise<string[]> {
    const folder = repositoryFolderOf(repositoryUrl);
    if (!folder) throw new RunbookListingError('system.runbooks.repo_url names no folder of a GitHub repository');
    const { system } = this.configuration;
    const rules = {
      apiUrl: this.environment.githubApiUrl,
      token: this.environment.variables[system.githubTokenEnv] || undefined,
      isAllowed: (url: string) => isAllowed(url, system.runbooks.allowedDomains),
    };
    return await listRunbooks(folder, rules, AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(LONGEST_MS)]));
  }
}

/** As where an alert names its runbook: the domain itself, with or without `www.`. */
function isAllowed(text: string, allowedDomains: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const hosts = allowedDomains.flatMap((domain) => [domain.toLowerCase(), `www.${domain.toLowerCase()}`]);
  return /^https?:$/.test(protocol) && hosts.includes(hostname.toLowerCase());
}
