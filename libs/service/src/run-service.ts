import type { DynamicModule, Type } from '@nestjs/common';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';

type FastifyOptions = NonNullable<ConstructorParameters<typeof FastifyAdapter>[0]>;

export interface ServiceOptions {
  /** Name of the application, such as `ingest`; part of logs, presence and consumer names. */
  readonly app: string;
  readonly imports: readonly (Type | DynamicModule | Promise<DynamicModule>)[];
  /** Default `0.1.0`. */
  readonly version?: string;
  /** Path before every HTTP route except `/health` and `/metrics`. */
  readonly httpApiPrefix?: string;
  /** Largest request body in bytes. Default 2 MiB. */
  readonly bodyLimitBytes?: number;
  /** Passed to Fastify as they are. */
  readonly fastifyOptions?: FastifyOptions;
  /** Last word on the application before it listens. */
  readonly configureHttp?: (app: NestFastifyApplication) => void | Promise<void>;
  /** Whether thrown errors are answered as `{"message": …}`. Default true. */
  readonly plainErrorFilter?: boolean;
}

/** Runs one service until SIGTERM or SIGINT; see the environment in docs/operations. Never returns with an error: it logs and exits 1. */
export function runService(_options: ServiceOptions): Promise<void> {
  throw new Error('not implemented yet');
}
