import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { MessageDefinition } from '@tarsy/contracts';
import { throwError, type Observable } from 'rxjs';
import type { z } from 'zod';

export interface ConsumeOptions {
  /** Name of the durable consumer, shared by all replicas. Letters, digits, `-` and `_`. */
  readonly durable: string;
  /**
   * How long JetStream waits for an acknowledgement or a sign of progress before it delivers again; the host reports progress every
   * third of it while the handler runs, so this is how long a killed process holds up its messages. Default 10 000.
   */
  readonly ackWaitMs?: number;
  /** Deliveries before a message goes to the dead letters. `Infinity` leaves that to non-retryable errors. Default 5. */
  readonly maxDeliver?: number;
  /** Messages handled at the same time by this process. Default 16. */
  readonly concurrency?: number;
  /**
   * What part of the stream to consume, from `subjects` or `subjectFilters`. Needed where the definition's subject depends on the
   * payload; otherwise the default is that subject. Filters of consumers of one work queue must not overlap.
   */
  readonly filterSubjects?: readonly string[];
}

export interface BatchConsumeOptions {
  readonly durable: string;
  readonly filterSubjects: readonly string[];
  /** Where the consumer begins when it is made: with what the stream holds, or with what comes. Default `all`. */
  readonly deliver?: 'all' | 'new';
  /** Most messages per call of the handler. Default 500. */
  readonly maxBatch?: number;
  /** Longest wait for a batch to fill, in milliseconds. Default 100. */
  readonly maxWaitMs?: number;
  /** Default 10 000. */
  readonly ackWaitMs?: number;
}

/** What {@link Consume} leaves in the handler's metadata for the transport. */
export interface ConsumeExtras {
  readonly definition: MessageDefinition;
  readonly options: ConsumeOptions;
}

export const CONSUME_EXTRAS = 'tarsy.consume';

/** Nest's own filter would replace the error by a text; the host needs the error itself. */
@Catch()
class KeepError implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks a controller method as the handler of one durable consumer: `(@Payload() payload, @Ctx() delivery: Delivery)`.
 * The method throws to refuse; acknowledging is the host's work.
 */
export function Consume<Schema extends z.ZodType>(
  definition: MessageDefinition<Schema>,
  options: ConsumeOptions,
): MethodDecorator {
  const extras: ConsumeExtras = { definition: definition as unknown as MessageDefinition, options };
  return applyDecorators(
    EventPattern<string>(`${definition.stream}/${options.durable}`, { [CONSUME_EXTRAS]: extras }) as MethodDecorator,
    UseFilters(KeepError),
  );
}
