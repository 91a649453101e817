import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { Injectable } from '@nestjs/common';
import { isObservable, lastValueFrom } from 'rxjs';
import { CONSUME_EXTRAS, type ConsumeExtras } from './consume.js';
import { ConsumerHost } from './consumer-host.js';
import type { Delivery } from './delivery.js';
import { InvalidConsumerError } from './messaging.errors.js';

/** Nest transport: every {@link Consume} handler of the application becomes a durable consumer when the application starts. */
@Injectable()
export class JetStreamServer extends Server implements CustomTransportStrategy {
  /** Errors travel to the consumer host, which decides what becomes of the delivery. */
  override readonly propagatesEventHandlerErrors = true;

  /** @param shutdownGraceMs How long {@link close} lets running handlers finish. Default 20 000. */
  constructor(
    private readonly host: ConsumerHost,
    private readonly shutdownGraceMs = 20_000,
  ) {
    super();
  }

  /** Fails the application's start when a handler is no {@link Consume} handler, a durable has two, or a consumer can not be created. */
  override listen(callback: (error?: unknown) => void): void {
    this.#startAll().then(() => callback(), callback);
  }

  override async close(): Promise<void> {
    await this.host.shutdown(this.shutdownGraceMs);
  }

  /** Consumer hosts have no events of their own. */
  override on(): void {}

  override unwrap<Underlying>(): Underlying {
    return this.host as Underlying;
  }

  async #startAll(): Promise<void> {
    const handlers = [...this.messageHandlers].map(([pattern, handler]) => ({
      handler,
      extras: extrasOf(pattern, handler),
    }));
    for (const { handler, extras } of handlers)
      await this.host.consume(extras.definition, extras.options, (payload, delivery) =>
        call(handler, payload, delivery),
      );
  }
}

/** @throws {InvalidConsumerError} */
function extrasOf(pattern: string, handler: MessageHandler): ConsumeExtras {
  const extras = handler.extras?.[CONSUME_EXTRAS] as ConsumeExtras | undefined;
  if (extras === undefined) throw new InvalidConsumerError(`handler "${pattern}" was not declared with @Consume`);
  if (handler.next !== undefined)
    throw new InvalidConsumerError(`consumer ${pattern} has two handlers in this process`);
  return extras;
}

async function call(handler: MessageHandler, payload: unknown, delivery: Delivery): Promise<void> {
  const result: unknown = await handler(payload, delivery);
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
