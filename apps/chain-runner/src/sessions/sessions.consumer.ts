import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  admitSessions,
  alertAccepted,
  alertResolved,
  cancelExecution,
  cancelSession,
  expireSession,
  expireStage,
  resumeSession,
  subjectFilters,
  subjects,
  type AlertAccepted,
  type AlertResolved,
  type CancelExecution,
  type CancelSession,
  type ExpireSession,
  type ExpireStage,
  type ResumeSession,
} from '@tarsy/contracts';
import { Consume, Messaging, type Delivery } from '@tarsy/messaging';
import { AdmissionService } from './admission.service.js';
import { CancellationService } from './cancellation.service.js';
import { IntakeService } from './intake.service.js';
import { ResumptionService } from './resumption.service.js';

const ACK_WAIT_MS = 10_000;

@Controller()
export class SessionsConsumer {
  constructor(
    private readonly intake: IntakeService,
    private readonly admission: AdmissionService,
    private readonly cancellation: CancellationService,
    private readonly resumption: ResumptionService,
    private readonly messaging: Messaging,
  ) {}

  @Consume(alertAccepted, {
    durable: 'chain-runner-accepted',
    filterSubjects: [subjectFilters.acceptedAlerts],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 8,
  })
  async onAccepted(@Payload() alert: AlertAccepted): Promise<void> {
    await this.intake.accept(alert);
  }

  @Consume(alertResolved, {
    durable: 'chain-runner-resolved',
    filterSubjects: [subjectFilters.resolvedAlerts],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 2,
  })
  async onResolved(@Payload() resolution: AlertResolved, @Ctx() delivery: Delivery): Promise<void> {
    await this.intake.resolve(resolution, delivery.attempt);
  }

  @Consume(admitSessions, {
    durable: 'chain-runner-admit',
    filterSubjects: [subjects.command('admit-sessions')],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 1,
  })
  async onAdmit(): Promise<void> {
    await this.admission.admit();
  }

  @Consume(cancelSession, {
    durable: 'chain-runner-cancel',
    filterSubjects: [subjects.command('cancel-session')],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 2,
  })
  async onCancel(@Payload() command: CancelSession): Promise<void> {
    const reply = await this.cancellation.cancel(command);
    if (command.replyTo) this.messaging.reply(command.replyTo, reply);
  }

  @Consume(cancelExecution, {
    durable: 'chain-runner-cancel-execution',
    filterSubjects: [subjects.command('cancel-execution')],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 2,
  })
  async onCancelExecution(@Payload() command: CancelExecution): Promise<void> {
    const reply = await this.resumption.cancelExecution(command);
    if (command.replyTo) this.messaging.reply(command.replyTo, reply);
  }

  @Consume(resumeSession, {
    durable: 'chain-runner-resume',
    filterSubjects: [subjects.command('resume-session')],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 2,
  })
  async onResume(@Payload() command: ResumeSession): Promise<void> {
    const reply = await this.resumption.resume(command);
    if (command.replyTo) this.messaging.reply(command.replyTo, reply);
  }

  @Consume(expireSession, {
    durable: 'chain-runner-expire',
    filterSubjects: [subjects.command('expire-session')],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 2,
  })
  async onExpire(@Payload() command: ExpireSession): Promise<void> {
    await this.cancellation.expire(command);
  }

  @Consume(expireStage, {
    durable: 'chain-runner-expire-stage',
    filterSubjects: [subjects.command('expire-stage')],
    ackWaitMs: ACK_WAIT_MS,
    maxDeliver: 20,
    concurrency: 2,
  })
  async onExpireStage(@Payload() command: ExpireStage): Promise<void> {
    await this.cancellation.expireStage(command);
  }
}
