import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  executionOutcome,
  executionParked,
  subjectFilters,
  type ExecutionOutcome,
  type ExecutionParked,
} from '@tarsy/contracts';
import { Consume } from '@tarsy/messaging';
import { OutcomesService } from './outcomes.service.js';

@Controller()
export class ExecutionOutcomeConsumer {
  constructor(private readonly outcomes: OutcomesService) {}

  @Consume(executionOutcome, {
    durable: 'chain-runner-outcomes',
    filterSubjects: [subjectFilters.outcomes],
    ackWaitMs: 10_000,
    maxDeliver: 20,
    concurrency: 8,
  })
  async handle(@Payload() outcome: ExecutionOutcome): Promise<void> {
    await this.outcomes.apply(outcome);
  }

  @Consume(executionParked, {
    durable: 'chain-runner-parked',
    filterSubjects: [subjectFilters.parked],
    ackWaitMs: 10_000,
    maxDeliver: 20,
    concurrency: 8,
  })
  async handleParked(@Payload() parked: ExecutionParked): Promise<void> {
    await this.outcomes.park(parked);
  }
}
