import { Inject, Injectable } from '@nestjs/common';
import { codeOf, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER, type HealthCheck, type HealthResult } from '@tarsy/service';

/** Whether Slack works, for people who look: one log line when that changes, `/health`, and the system page. */
@Injectable()
export class SlackHealth implements HealthCheck {
  readonly name = 'slack';
  #problem: string | undefined;

  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  get problem(): string | undefined {
    return this.#problem;
  }

  succeeded(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.logger.info('slack.working');
  }

  failed(error: unknown): void {
    const problem = messageOf(error);
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.logger.warn({ code: codeOf(error), error: problem }, 'slack.failing');
  }

  /** Never unhealthy: a restart does not help Slack. */
  check(): Promise<HealthResult> {
    return Promise.resolve(
      this.#problem === undefined ? { status: 'healthy' } : { status: 'degraded', message: this.#problem },
    );
  }
}
