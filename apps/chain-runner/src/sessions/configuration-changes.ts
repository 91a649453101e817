import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LiveConfiguration, type Configuration } from '@tarsy/config';
import { codeOf, messageOf } from '@tarsy/core';
import type { Logger } from '@tarsy/observability';
import { LOGGER } from '@tarsy/service';
import { CONFIGURATION } from '../chain-runner.config.js';
import { AdmissionService } from './admission.service.js';

/** Sessions that wait may start when a changed configuration lets more of them run. */
@Injectable()
export class ConfigurationChanges implements OnApplicationBootstrap, OnApplicationShutdown {
  #stop: () => void = () => undefined;

  constructor(
    private readonly admission: AdmissionService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (!(this.configuration instanceof LiveConfiguration)) return;
    this.#stop = this.configuration.onChange(() => {
      this.admission.admit().catch((error: unknown) => {
        this.logger.warn({ code: codeOf(error), error: messageOf(error) }, 'configuration.admission-failed');
      });
    });
  }

  onApplicationShutdown(): void {
    this.#stop();
  }
}
