import { Module } from '@nestjs/common';
import { Answers } from '../chats/answers.service.js';
import { ChatsConsumer } from '../chats/chats.consumer.js';
import { ChatsService } from '../chats/chats.service.js';
import { RecordedHistories } from '../chats/recorded-histories.js';
import { RecorderModule } from '../recorder/recorder.module.js';
import { ExecutionOutcomeConsumer } from '../stages/execution-outcome.consumer.js';
import { OutcomesService } from '../stages/outcomes.service.js';
import { StageEnds } from '../stages/stage-ends.js';
import { StageFlow } from '../stages/stage-flow.js';
import { StageRecords } from '../stages/stage-records.js';
import { TaskFactory } from '../stages/task-factory.js';
import { GuidanceService } from '../sub-agents/guidance.service.js';
import { Mailboxes } from '../sub-agents/mailboxes.service.js';
import { SubAgentsConsumer } from '../sub-agents/sub-agents.consumer.js';
import { SubAgentsService } from '../sub-agents/sub-agents.service.js';
import { AdmissionService } from './admission.service.js';
import { ConfigurationChanges } from './configuration-changes.js';
import { CancellationService } from './cancellation.service.js';
import { FollowUps } from './follow-ups.js';
import { IntakeService } from './intake.service.js';
import { ResumptionService } from './resumption.service.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionTransactions } from './session-transactions.js';
import { SessionsConsumer } from './sessions.consumer.js';

@Module({
  imports: [RecorderModule],
  controllers: [SessionsConsumer, SubAgentsConsumer, ChatsConsumer, ExecutionOutcomeConsumer],
  providers: [
    SessionTransactions,
    FollowUps,
    SessionMetrics,
    IntakeService,
    AdmissionService,
    ConfigurationChanges,
    CancellationService,
    ResumptionService,
    StageRecords,
    StageFlow,
    StageEnds,
    TaskFactory,
    RecordedHistories,
    Answers,
    ChatsService,
    Mailboxes,
    SubAgentsService,
    GuidanceService,
    OutcomesService,
  ],
})
export class SessionsModule {}
