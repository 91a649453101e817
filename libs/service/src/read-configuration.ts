import { formatProblem, loadConfiguration, type Configuration, type LoadOptions } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';

/**
 * Reads the configuration; what is odd about it but usable goes to the log.
 * @throws {ConfigurationError} with every problem found
 */
export function readConfiguration(logger: Logger, options?: LoadOptions): Configuration {
  const configuration = loadConfiguration(options);
  for (const warning of configuration.warnings)
    logger.warn({ problem: formatProblem(warning) }, 'configuration.warning');
  return configuration;
}
