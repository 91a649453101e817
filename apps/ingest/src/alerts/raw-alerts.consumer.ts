import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { alertRaw, subjectFilters } from '@tarsy/contracts';
import { derivedTimeId } from '@tarsy/core';
import { Consume, type Delivery } from '@tarsy/messaging';
import { AlertRefusedError } from './alerts.errors.js';
import { AlertsService } from './alerts.service.js';
import { FORMATS } from './formats/formats.js';

/** Alerts that producers put on NATS themselves. What is none goes to the dead letters, where an operator can see and replay it. */
@Controller()
export class RawAlertsConsumer {
  constructor(private readonly alerts: AlertsService) {}

  @Consume(alertRaw, {
    durable: 'ingest-raw',
    filterSubjects: [subjectFilters.rawAlerts],
    ackWaitMs: 30_000,
    maxDeliver: 20,
    concurrency: 64,
  })
  async handle(@Payload() body: unknown, @Ctx() delivery: Delivery): Promise<void> {
    const format = delivery.subject.split('.').at(-1) ?? '';
    const publishedAtMs = delivery.publishedAt.getTime();
    // Derived from the position in the stream: a second delivery is the same session.
    const sessionId = derivedTimeId(publishedAtMs, 'ALERTS_RAW', String(delivery.sequence));
    await this.alerts.submit(format, () => parserOf(format)(body, publishedAtMs), sessionId, undefined);
  }
}

function parserOf(format: string): (typeof FORMATS)[string] {
  const parse = FORMATS[format];
  if (!parse) throw new AlertRefusedError(`no alert format "${format}"; known: ${Object.keys(FORMATS).join(', ')}`);
  return parse;
}
