import type { Configuration } from '@tarsy/config';
import { existsSync, readFileSync } from 'node:fs';
import { referencedVariables } from '@tarsy/config';
import { join } from 'node:path';
import { ROOT } from '../paths.js';
import type { ServerAddresses } from '../servers/server-plan.js';

export const APPS = ['chain-runner', 'mcp-broker', 'agent-worker', 'notifier', 'ingest', 'stream-gateway'] as const;
export type App = (typeof APPS)[number];

export interface ServicePlan {
  readonly app: App;
  /** From 1. */
  readonly number: number;
  /** Unique in the system, such as `agent-worker-2`. */
  readonly name: string;
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface SystemShape {
  readonly replicas: Readonly<Partial<Record<App, number>>>;
  readonly namespace: string;
  readonly configuration: Configuration;
  readonly servers: ServerAddresses;
  /** Provider to use where the configuration names none that works here; see `chooseModel`. */
  readonly defaultProvider: string | undefined;
  /** Settings of the chosen model, for the service that resolves it. */
  readonly modelEnvironment: Readonly<Record<string, string>>;
  readonly dashboardDirectory: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** What every process needs of the machine, and nothing more. */
const COMMON = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TMPDIR',
  'LOG_LEVEL',
  'NATS_STREAM_REPLICAS',
  'NATS_CREDENTIALS_FILE',
] as const;
/** Where traces go, if anywhere. */
const TRACING = /^OTEL_/;
/** Node uses them only where `NODE_USE_ENV_PROXY` says so. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'] as const;
/** How a process that calls out reaches the world. */
const OUTGOING = [...PROXIES, 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'] as const;

/** Every process to start, in order. An application that is not built is left out. */
export function planServices(shape: SystemShape): ServicePlan[] {
  return APPS.flatMap((app) => {
    const program = join(ROOT, 'apps', app, 'dist', 'main.js');
    if (!existsSync(program)) return [];
    return Array.from({ length: shape.replicas[app] ?? 1 }, (_, index) => ({
      app,
      number: index + 1,
      name: `${app}-${index + 1}`,
      program,
      environment: environmentOf(app, `${app}-${index + 1}`, shape),
    }));
  });
}

/** An allow-list: a service sees only what it needs, so that a secret of one is not in the memory of another. */
export function environmentOf(app: App, replica: string, shape: SystemShape): Record<string, string> {
  const { servers, configuration } = shape;
  return {
    ...picked(shape.environment, [...COMMON, ...Object.keys(shape.environment).filter((name) => TRACING.test(name))]),
    TARSY_REPLICA: replica,
    TARSY_NAMESPACE: shape.namespace,
    NATS_URL: servers.natsUrlOf(app),
    CONFIG_DIR: configuration.directory,
    ...ownEnvironment(app, shape),
  };
}

function ownEnvironment(app: App, shape: SystemShape): Record<string, string> {
  const { servers, environment, configuration } = shape;
  switch (app) {
    case 'chain-runner':
      return {
        DATABASE_URL: servers.databaseUrl,
        ...(shape.defaultProvider ? { TARSY_DEFAULT_PROVIDER: shape.defaultProvider } : {}),
        ...shape.modelEnvironment,
        // Prices of models are looked up on the internet.
        ...outgoing(environment),
        ...picked(environment, ['MODEL_PRICES_URL', 'MODEL_FIRST_TOKEN_TIMEOUT_MS', 'MODEL_STALL_TIMEOUT_MS']),
      };
    case 'stream-gateway':
      return {
        DATABASE_READER_URL: servers.databaseReaderUrl,
        ...(shape.dashboardDirectory ? { DASHBOARD_DIR: shape.dashboardDirectory } : {}),
      };
    case 'agent-worker':
      return {
        REDIS_URL: servers.redisUrl,
        ...outgoing(environment),
        // The token is for runbooks in private repositories.
        ...picked(environment, ['WORKER_SLOTS', configuration.system.githubTokenEnv, ...modelVariables(configuration)]),
      };
    case 'mcp-broker':
      return {
        REDIS_URL: servers.redisUrl,
        ...outgoing(environment),
        // The token is for the list of runbooks of a private repository.
        ...picked(environment, ['GITHUB_API_URL', configuration.system.githubTokenEnv]),
        ...picked(environment, ['KUBECONFIG', 'TARSY_HOST_PROBE_ALLOW', ...toolVariables(configuration)]),
      };
    case 'ingest':
      return {
        REDIS_URL: servers.redisUrl,
        ...picked(environment, ['INGEST_TOKEN', 'INGEST_TOKENS_FILE', 'INGEST_MAX_IN_FLIGHT']),
      };
    case 'notifier':
      return {
        ...outgoing(environment),
        ...picked(environment, [configuration.system.slack.tokenEnv, 'SLACK_API_URL']),
      };
  }
}

function outgoing(environment: NodeJS.ProcessEnv): Record<string, string> {
  const hasProxy = PROXIES.some((name) => environment[name]);
  return { ...picked(environment, OUTGOING), ...(hasProxy ? { NODE_USE_ENV_PROXY: '1' } : {}) };
}

function modelVariables(configuration: Configuration): string[] {
  return Object.values(configuration.llmProviders).flatMap(({ apiKeyEnv, credentialsEnv, projectEnv, locationEnv }) =>
    [apiKeyEnv, credentialsEnv, projectEnv, locationEnv].filter((name) => name !== undefined),
  );
}

/** Variables that tarsy.yaml refers to: addresses and secrets of tool servers. */
function toolVariables(configuration: Configuration): string[] {
  return referencedVariables(readFileSync(join(configuration.directory, 'tarsy.yaml'), 'utf8'));
}

function picked(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
