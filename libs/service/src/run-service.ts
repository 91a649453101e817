import { codeOf, messageOf } from '@tarsy/core';
import { createLogger, type Logger } from '@tarsy/observability';
import { readServiceEnvironment } from './service-environment.js';
import { startService, type RunningService, type ServiceOptions } from './start-service.js';

/** After the grace time: how long closing may take before the process ends regardless. */
const CLOSING_MS = 10_000;

/**
 * Runs one service as this process until SIGTERM or SIGINT, then exits 0. Exits 1 when it can not start, and when an error was caught by
 * nobody. A second signal ends it at once.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  let logger = createLogger({ app: options.app, replica: `${options.app}-${process.pid}` });
  try {
    const environment = readServiceEnvironment(options.app);
    logger = createLogger({ app: options.app, replica: environment.replica, level: environment.logLevel });
    exitOnUncaughtErrors(logger);
    const service = await startService(options, environment, logger);
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
  const stack = error instanceof Error ? error.stack : undefined;
  logger.fatal({ code: codeOf(error), error: messageOf(error), stack }, event);
  process.exit(1);
}
