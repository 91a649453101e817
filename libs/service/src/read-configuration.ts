import { formatProblem, LiveConfiguration, type LoadOptions, type Problem } from '@tarsy/config';
import type { Logger } from '@tarsy/observability';
import type { PresenceDetails } from './tokens.js';

/** The system page has room for so many. */
const MOST_PROBLEMS_SHOWN = 5;

/**
 * Reads the configuration and follows its files from now on. What is odd about it but usable goes to the log; so do files that can not
 * be taken over.
 * @throws {ConfigurationError} with every problem found
 */
export function readConfiguration(logger: Logger, options?: LoadOptions): LiveConfiguration {
  const warn = (warnings: readonly Problem[]): void => {
    for (const warning of warnings) logger.warn({ problem: formatProblem(warning) }, 'configuration.warning');
  };
  const configuration = new LiveConfiguration({
    ...options,
    onReload: ({ digest, warnings }) => {
      logger.info({ digest }, 'configuration.reloaded');
      warn(warnings);
    },
    onReject: ({ error }) => {
      logger.error({ code: error.code, problems: error.problems.map(formatProblem) }, 'configuration.rejected');
    },
  });
  warn(configuration.warnings);
  return configuration;
}

/** Tells everybody which configuration is in effect here, and why the files are not where they can not be used. */
export function configurationPresence(configuration: LiveConfiguration): PresenceDetails {
  return () => {
    const { digest, loadedAt, rejection } = configuration;
    const details = { configuration: digest, configurationLoadedAt: loadedAt.toISOString() };
    if (!rejection) return details;
    const { problems } = rejection.error;
    const more = problems.length > MOST_PROBLEMS_SHOWN ? `\nand ${problems.length - MOST_PROBLEMS_SHOWN} more` : '';
    return {
      ...details,
      configurationRejected: problems.slice(0, MOST_PROBLEMS_SHOWN).map(formatProblem).join('\n') + more,
      configurationRejectedAt: rejection.at.toISOString(),
    };
  };
}
