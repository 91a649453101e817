import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { TerminalStatus } from '@tarsy/contracts';
import { Metrics, type Counter, type Gauge, type Histogram, type Logger } from '@tarsy/observability';
import type { AlertSession } from '@tarsy/persistence';
import { LOGGER } from '@tarsy/service';
import { messageOf } from '@tarsy/core';
import { DataSource } from 'typeorm';

const DURATION_BUCKETS_SECONDS = [30, 60, 120, 300, 600, 900, 1_200, 1_800, 2_400];
const GAUGE_INTERVAL_MS = 15_000;

@Injectable()
export class SessionMetrics implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #terminal: Counter<'alert_type' | 'status'>;
  readonly #duration: Histogram<'alert_type' | 'status'>;
  readonly #wait: Histogram<'alert_type'>;
  readonly #active: Gauge<never>;
  readonly #queued: Gauge<never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    metrics: Metrics,
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#terminal = metrics.counter('tarsy_sessions_terminal_total', 'Sessions that ended.', ['alert_type', 'status']);
    this.#duration = metrics.histogram('tarsy_session_duration_seconds', 'From start to end.', ['alert_type', 'status'], DURATION_BUCKETS_SECONDS); // prettier-ignore
    this.#wait = metrics.histogram('tarsy_session_wait_seconds', 'From acceptance to start.', ['alert_type'], DURATION_BUCKETS_SECONDS); // prettier-ignore
    this.#active = metrics.gauge('tarsy_sessions_active', 'Sessions in progress, in the whole deployment.');
    this.#queued = metrics.gauge('tarsy_sessions_queued', 'Sessions that wait for a slot, in the whole deployment.');
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#count(), GAUGE_INTERVAL_MS);
    void this.#count();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  started({ alertType, createdAt, startedAt }: AlertSession): void {
    if (startedAt) this.#wait.observe({ alert_type: alertType }, secondsBetween(createdAt, startedAt));
  }

  ended({ alertType, startedAt, completedAt }: AlertSession, status: TerminalStatus): void {
    this.#terminal.inc({ alert_type: alertType, status });
    if (startedAt && completedAt)
      this.#duration.observe({ alert_type: alertType, status }, secondsBetween(startedAt, completedAt));
  }

  async #count(): Promise<void> {
    try {
      const [row] = await this.dataSource.query<{ active: number; queued: number }[]>(
        `SELECT count(*) FILTER (WHERE status IN ('in_progress', 'cancelling'))::int AS active,
                count(*) FILTER (WHERE status = 'pending')::int AS queued
         FROM alert_sessions WHERE status IN ('pending', 'in_progress', 'cancelling')`,
      );
      this.#active.set(row?.active ?? 0);
      this.#queued.set(row?.queued ?? 0);
    } catch (error) {
      this.logger.warn({ error: messageOf(error) }, 'sessions.count-failed');
    }
  }
}

const secondsBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1_000;
