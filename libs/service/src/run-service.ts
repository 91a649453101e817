import { ConfigurationError, formatProblem } from '@tarsy/config';
import { AppError, codeOf, messageOf } from '@tarsy/core';
import { createLogger, type Logger } from '@tarsy/observability';
import { readServiceEnvironment } from './service-environment.js';
import { startService, type RunningService, type ServiceOptions } from './start-service.js';

/** After the grace time: how long closing may take before the process ends regardless. */
const CLOSING_MS = 10_000;

/**
 * Runs one service as this process until SIGTERM or SIGINT, then exits 0. Exits 1 with one line in the log when it can not start, be it
 * for its configuration, and when an error was caught by nobody. A second signal ends it at once.
 * @param app Name of the application, such as `ingest`.
 * @param options Reads environment and configuration; what it throws is a reason not to start.
 */
export async function runService(
  app: string,
  options: (logger: Logger) => ServiceOptions | Promise<ServiceOptions>,
): Promise<void> {
  let logger = createLogger({ app, replica: `${app}-${process.pid}` });
  try {
    const environment = readServiceEnvironment(app);
    logger = createLogger({ app, replica: environment.replica, level: environment.logLevel });
    exitOnUncaughtErrors(logger);
    const service = await startService(await options(logger), environment, logger);
    stopOnSignals(service, environment.shutdownGraceMs, logger);
  } catch (error) {
    exitWith(logger, 'service.start-failed', error);
  }
}

function stopOnSignals(service: RunningService, shutdownGraceMs: number, logger: Logger): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'service.signal');
    setTimeout(() => exitWith(logger, 'service.stop-timed-out', new Error('closing took too long')), shutdownGraceMs + CLOSING_MS).unref(); // prettier-ignore
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => exitWith(logger, 'service.stop-failed', error),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function exitOnUncaughtErrors(logger: Logger): void {
  process.on('uncaughtException', (error) => exitWith(logger, 'service.uncaught-exception', error));
  process.on('unhandledRejection', (error) => exitWith(logger, 'service.unhandled-rejection', error));
}

function exitWith(logger: Logger, event: string, error: unknown): never {
  logger.fatal(describe(error), event);
  process.exit(1);
}

/** Errors that are raised on purpose say what is wrong; where they were raised helps only with the others. */
function describe(error: unknown): object {
  const about = { code: codeOf(error), error: messageOf(error) };
  if (error instanceof ConfigurationError)
    return {
      code: error.code,
      error: 'the configuration can not be used',
      problems: error.problems.map(formatProblem),
    };
  return error instanceof Error && !(error instanceof AppError) ? { ...about, stack: error.stack } : about;
}
