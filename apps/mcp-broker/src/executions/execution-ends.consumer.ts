import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { subjectFilters, TERMINAL_SESSION_STATUSES } from '@tarsy/contracts';
import { codeOf, messageOf } from '@tarsy/core';
import { ConsumerHost, parseSessionLogMessage, type RawDelivery } from '@tarsy/messaging';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { ConnectionPool } from '../connections/connection-pool.js';
import { ServerSessions } from './server-sessions.service.js';

const TERMINAL: ReadonlySet<string> = new Set(TERMINAL_SESSION_STATUSES);

/** Follows the session log for executions that end, once there is a server that wants to hear of them. All brokers share one consumer. */
@Injectable()
export class ExecutionEndsConsumer implements OnApplicationBootstrap {
  #isFollowing = false;

  constructor(
    private readonly host: ConsumerHost,
    private readonly pool: ConnectionPool,
    private readonly sessions: ServerSessions,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.#follow();
    this.pool.onAdded(() => {
      this.#follow().catch((error: unknown) =>
        this.logger.error({ code: codeOf(error), error: messageOf(error) }, 'mcp.ends-not-followed'),
      );
    });
  }

  async #follow(): Promise<void> {
    if (this.#isFollowing || this.sessions.servers.length === 0) return;
    this.#isFollowing = true;
    // A cleanup may take 15 s; the host tells JetStream meanwhile that the batch is worked on.
    await this.host.consumeBatches(
      'SESSIONS',
      { durable: 'mcp-broker', deliver: 'new', filterSubjects: [subjectFilters.lifecycles], maxBatch: 50 },
      async (batch) => {
        const ended = new Set(batch.flatMap(endedBy));
        await Promise.all([...ended].map((executionId) => this.sessions.end(executionId)));
      },
    );
  }
}

function endedBy({ subject, data }: RawDelivery): string[] {
  const message = parseSessionLogMessage(subject, data);
  if (message.kind !== 'lifecycle' || message.event.type !== 'execution-status-changed') return [];
  return TERMINAL.has(message.event.status) ? [message.event.executionId] : [];
}
