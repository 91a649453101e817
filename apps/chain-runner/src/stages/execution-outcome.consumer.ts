import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { executionOutcome, subjectFilters, type ExecutionOutcome } from '@tarsy/contracts';
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
}
