import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { LiveConfiguration } from '@tarsy/config';
import { Clock } from '@tarsy/core';
import { Buckets, ConsumerHost, JetStreamServer, Messaging } from '@tarsy/messaging';
import { Metrics, startTracing, type Logger, type Tracing } from '@tarsy/observability';
import type { AddressInfo } from 'node:net';
import { configurationPresence } from './read-configuration.js';
import { ErrorFilter } from './error-filter.js';
import { NestLogger } from './nest-logger.js';
import { answerBeforeClosing } from './open-requests.js';
import { addOperationsRoutes, measureHttp } from './operations-routes.js';
import { announcePresence } from './presence.js';
import type { ServiceEnvironment } from './service-environment.js';
import { ServiceModule, type ServiceImports } from './service.module.js';
import { traceHttp } from './trace-http.js';
import { HEALTH_CHECKS, PRESENCE_DETAILS, type HealthCheck, type PresenceDetails } from './tokens.js';

type FastifyOptions = NonNullable<ConstructorParameters<typeof FastifyAdapter>[0]>;

export interface ServiceOptions {
  /** Name of the application, such as `ingest`; part of logs, presence and connection names. */
  readonly app: string;
  readonly imports: ServiceImports;
  /** Default `0.1.0`. */
  readonly version?: string;
  /** Path before every HTTP route except `/health` and `/metrics`. */
  readonly httpApiPrefix?: string;
  /** Largest request body in bytes. Default 2 MiB. */
  readonly bodyLimitBytes?: number;
  /** Followed while the service runs; what is in effect is announced with its presence. */
  readonly configuration?: LiveConfiguration;
  /** Passed to Fastify as they are. */
  readonly fastifyOptions?: FastifyOptions;
  /** Last word on the application before it starts. */
  readonly configureHttp?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Whether thrown errors are answered as `{"message": …}`. Default true. */
  readonly plainErrorFilter?: boolean;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly port: number;
  /**
   * Health turns `draining`, consumers stop pulling and finish within the grace time, the rest is aborted and given back, requests
   * that were taken are answered, spans are sent, HTTP and NATS are closed. Repeated calls wait for the same end.
   */
  stop(): Promise<void>;
}

const BODY_LIMIT_BYTES = 2 * 1024 ** 2;
const DEFAULT_VERSION = '0.1.0';
/** Requests are short; what takes longer than this when a service stops is cut off. */
const LAST_ANSWERS_MS = 5_000;

/**
 * Connects, builds the application and starts it. Nothing of the process itself is touched, so a test may start several services.
 * @throws whatever keeps the service from starting
 */
export async function startService(
  options: ServiceOptions,
  environment: ServiceEnvironment,
  logger: Logger,
): Promise<RunningService> {
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const { app, version = DEFAULT_VERSION } = options;
  const { replica } = environment;
  const tracing = await startTracing({ app, replica, version, environment: process.env, logger, metrics });
  const messaging = await Messaging.connect(
    {
      url: environment.natsUrl,
      namespace: environment.namespace,
      app,
      ...(environment.natsCredentialsFile ? { credentialsFile: environment.natsCredentialsFile } : {}),
      clientName: environment.replica,
      streamReplicas: environment.streamReplicas,
      tracing,
    },
    logger,
  );
  try {
    await messaging.ensureTopology();
    return await startApplication(options, environment, { logger, messaging, metrics, tracing });
  } catch (error) {
    await messaging.close();
    await tracing.stop();
    throw error;
  }
}

async function startApplication(
  options: ServiceOptions,
  environment: ServiceEnvironment,
  parts: { logger: Logger; messaging: Messaging; metrics: Metrics; tracing: Tracing },
): Promise<RunningService> {
  const { app: name, version = DEFAULT_VERSION } = options;
  const { replica, shutdownGraceMs } = environment;
  const { logger, messaging, metrics, tracing } = parts;
  const identity = { app: name, replica, version, startedAt: new Date().toISOString() };
  let isDraining = false;

  const app = await createApplication(options, logger, ServiceModule.around(options.imports, { ...parts, identity })); // prettier-ignore
  const host = app.get(ConsumerHost);
  const checks: HealthCheck[] = [messagingCheck(messaging), ...providedUnder<HealthCheck[]>(app, HEALTH_CHECKS).flat()];
  answerBeforeClosing(app, Math.min(shutdownGraceMs, LAST_ANSWERS_MS));
  measureHttp(app, metrics);
  traceHttp(app, tracing);
  addOperationsRoutes(app, { metrics, version, checks, isDraining: () => isDraining });
  await options.configureHttp?.(app);
  app.connectMicroservice({ strategy: new JetStreamServer(host, shutdownGraceMs) });
  // Consumers start last of all: what they call must be ready.
  await app.init();
  await app.listen(environment.httpPort, environment.httpHost);
  await app.startAllMicroservices();
  const details = providedUnder<PresenceDetails>(app, PRESENCE_DETAILS);
  if (options.configuration) details.push(configurationPresence(options.configuration));
  const leave = announcePresence(identity, app.get(Buckets), app.get(Clock), logger, () =>
    Object.assign({}, ...details.map((tell) => tell())),
  );

  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info({ port, version, consumers: host.durables }, 'service.ready');

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    isDraining = true;
    logger.info({ shutdownGraceMs }, 'service.draining');
    options.configuration?.close();
    await host.shutdown(shutdownGraceMs);
    await leave();
    await app.close();
    await messaging.close();
    await tracing.stop();
    logger.info('service.stopped');
  };
  return { app, port, stop: () => (stopped ??= stop()) };
}

async function createApplication(
  options: ServiceOptions,
  logger: Logger,
  root: ReturnType<typeof ServiceModule.around>,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    ...options.fastifyOptions,
  } as FastifyOptions);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  if (options.httpApiPrefix !== undefined) app.setGlobalPrefix(options.httpApiPrefix);
  if (options.plainErrorFilter ?? true) app.useGlobalFilters(new ErrorFilter(logger));
  return app;
}

function messagingCheck(messaging: Messaging): HealthCheck {
  return {
    name: 'nats',
    check: () =>
      Promise.resolve(
        messaging.isConnected() ? { status: 'healthy' } : { status: 'unhealthy', message: 'not connected' },
      ),
  };
}

/** Whatever the application's modules provide under a token; often nothing. */
function providedUnder<Value>(app: NestFastifyApplication, token: symbol): Value[] {
  return [...app.get(ModulesContainer).values()].flatMap((module) => {
    const provider = module.providers.get(token);
    return provider === undefined ? [] : [provider.instance as Value];
  });
}
