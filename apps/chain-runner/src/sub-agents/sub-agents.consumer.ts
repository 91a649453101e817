import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  cancelAgent,
  dispatchAgent,
  guideSession,
  steerAgent,
  subjects,
  wakeExecution,
  type CancelAgent,
  type CommandVerb,
  type DispatchAgent,
  type GuideSession,
  type SteerAgent,
  type WakeExecution,
} from '@tarsy/contracts';
import { Consume, Messaging, type ConsumeOptions } from '@tarsy/messaging';
import { SessionTransactions } from '../sessions/session-transactions.js';
import { GuidanceService } from './guidance.service.js';
import { Mailboxes } from './mailboxes.service.js';
import { SubAgentsService } from './sub-agents.service.js';

const optionsOf = (verb: CommandVerb): ConsumeOptions => ({
  durable: `chain-runner-${verb}`,
  filterSubjects: [subjects.command(verb)],
  ackWaitMs: 10_000,
  maxDeliver: 20,
  concurrency: 4,
});

/** Commands about single executions of a session. */
@Controller()
export class SubAgentsConsumer {
  constructor(
    private readonly transactions: SessionTransactions,
    private readonly subAgents: SubAgentsService,
    private readonly mailboxes: Mailboxes,
    private readonly guidance: GuidanceService,
    private readonly messaging: Messaging,
  ) {}

  @Consume(dispatchAgent, optionsOf('dispatch-agent'))
  async onDispatch(@Payload() command: DispatchAgent): Promise<void> {
    await this.transactions.apply(command.sessionId, (change) => this.subAgents.dispatch(change, command));
  }

  @Consume(cancelAgent, optionsOf('cancel-agent'))
  async onCancel(@Payload() command: CancelAgent): Promise<void> {
    await this.transactions.apply(command.sessionId, (change) => this.subAgents.cancel(change, command));
  }

  @Consume(steerAgent, optionsOf('steer-agent'))
  async onSteer(@Payload() command: SteerAgent): Promise<void> {
    await this.transactions.apply(command.sessionId, (change) => this.subAgents.steer(change, command));
  }

  @Consume(wakeExecution, optionsOf('wake-execution'))
  async onWake(@Payload() command: WakeExecution): Promise<void> {
    await this.transactions.apply(command.sessionId, (change) => this.mailboxes.wake(change, command));
  }

  @Consume(guideSession, optionsOf('guide-session'))
  async onGuide(@Payload() command: GuideSession): Promise<void> {
    const reply = await this.guidance.guide(command);
    if (command.replyTo) this.messaging.reply(command.replyTo, reply);
  }
}
