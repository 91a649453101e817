import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { alertRaw, subjectFilters } from '@tarsy/contracts';
import { derivedTimeId } from '@tarsy/core';
import { Consume, type Delivery } from '@tarsy/messaging';
import { AlertRefusedError } from './alerts.errors.js';
import { AlertsService } from './alerts.service.js';
import type { AlertFormat } from './formats/alert-format.js';
import { FORMATS } from './formats/formats.js';
import { shortened } from './limits.js';
import { ReceivedAlerts, type ReceiptOutcome } from './received-alerts.js';

/** Alerts that producers put on NATS themselves. What is none goes to the dead letters, where an operator can see and replay it. */
@Controller()
export class RawAlertsConsumer {
  constructor(
    private readonly alerts: AlertsService,
    private readonly received: ReceivedAlerts,
  ) {}

  @Consume(alertRaw, {
    durable: 'ingest-raw',
    filterSubjects: [subjectFilters.rawAlerts],
    ackWaitMs: 30_000,
    // While the stream of accepted alerts is full, this one is where they wait.
    maxDeliver: 1_000,
    concurrency: 128,
  })
  async handle(@Payload() body: unknown, @Ctx() delivery: Delivery): Promise<void> {
    const format = delivery.subject.split('.').at(-1) ?? '';
    const publishedAtMs = delivery.publishedAt.getTime();
    // Derived from the position in the stream: a second delivery is the same session.
    const sessionId = derivedTimeId(publishedAtMs, 'ALERTS_RAW', String(delivery.sequence));
    let outcome: ReceiptOutcome = 'failed';
    try {
      await this.alerts.submit(parserOf(format)(body, publishedAtMs), sessionId);
      outcome = 'accepted';
    } catch (error) {
      if (error instanceof AlertRefusedError) outcome = 'refused';
      throw error;
    } finally {
      this.received.count(isKnown(format) ? `nats-${format}` : 'nats-unknown', outcome);
    }
  }
}

const isKnown = (format: string): boolean => Object.hasOwn(FORMATS, format);

function parserOf(format: string): AlertFormat {
  const parse = isKnown(format) ? FORMATS[format] : undefined;
  if (!parse)
    throw new AlertRefusedError(
      `no alert format "${shortened(format, 64)}"; known: ${Object.keys(FORMATS).join(', ')}`,
    );
  return parse;
}
