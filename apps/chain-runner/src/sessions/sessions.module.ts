import { Module } from '@nestjs/common';
import { ExecutionOutcomeConsumer } from '../stages/execution-outcome.consumer.js';
import { OutcomesService } from '../stages/outcomes.service.js';
import { StageEnds } from '../stages/stage-ends.js';
import { StageFlow } from '../stages/stage-flow.js';
import { StageRecords } from '../stages/stage-records.js';
import { TaskFactory } from '../stages/task-factory.js';
import { AdmissionService } from './admission.service.js';
import { CancellationService } from './cancellation.service.js';
import { FollowUps } from './follow-ups.js';
import { IntakeService } from './intake.service.js';
import { ResumptionService } from './resumption.service.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionTransactions } from './session-transactions.js';
import { SessionsConsumer } from './sessions.consumer.js';

@Module({
  controllers: [SessionsConsumer, ExecutionOutcomeConsumer],
  providers: [
    SessionTransactions,
    FollowUps,
    SessionMetrics,
    IntakeService,
    AdmissionService,
    CancellationService,
    ResumptionService,
    StageRecords,
    StageFlow,
    StageEnds,
    TaskFactory,
    OutcomesService,
  ],
})
export class SessionsModule {}
