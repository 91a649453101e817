import { AppError } from '@tarsy/core';

export interface ServiceEnvironment {
  readonly replica: string;
  readonly namespace: string;
  readonly natsUrl: string;
  readonly natsCredentialsFile?: string;
  readonly streamReplicas: number;
  readonly httpHost: string;
  /** 0 lets the system choose. */
  readonly httpPort: number;
  readonly logLevel: string;
  readonly shutdownGraceMs: number;
}

export class InvalidEnvironmentError extends AppError {
  readonly code = 'INVALID_ENVIRONMENT';
  readonly retryable = false;
}

/**
 * What every service reads from its environment:
 * `TARSY_REPLICA`, `TARSY_NAMESPACE`, `NATS_URL`, `NATS_CREDENTIALS_FILE`, `NATS_STREAM_REPLICAS`, `HTTP_HOST`, `HTTP_PORT`, `LOG_LEVEL`,
 * `SHUTDOWN_GRACE_MS`.
 * @throws {InvalidEnvironmentError} a value that should be a number is none
 */
export function readServiceEnvironment(app: string, environment: NodeJS.ProcessEnv = process.env): ServiceEnvironment {
  const text = (name: string, fallback: string): string => environment[name]?.trim() || fallback;
  const number = (name: string, fallback: number, largest: number): number => {
    const value = Number(text(name, String(fallback)));
    if (Number.isInteger(value) && value >= 0 && value <= largest) return value;
    throw new InvalidEnvironmentError(`${name} must be a whole number from 0 to ${largest}`);
  };
  return {
    replica: text('TARSY_REPLICA', `${app}-${process.pid}`),
    namespace: text('TARSY_NAMESPACE', 'tarsy'),
    natsUrl: text('NATS_URL', 'nats://127.0.0.1:4222'),
    ...(text('NATS_CREDENTIALS_FILE', '') ? { natsCredentialsFile: text('NATS_CREDENTIALS_FILE', '') } : {}),
    streamReplicas: number('NATS_STREAM_REPLICAS', 1, 5),
    httpHost: text('HTTP_HOST', '127.0.0.1'),
    httpPort: number('HTTP_PORT', 0, 65_535),
    logLevel: text('LOG_LEVEL', 'info'),
    shutdownGraceMs: number('SHUTDOWN_GRACE_MS', 20_000, 3_600_000),
  };
}
