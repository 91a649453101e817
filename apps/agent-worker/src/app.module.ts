import { Module, type DynamicModule } from '@nestjs/common';
import { PRESENCE_DETAILS, type PresenceDetails } from '@tarsy/service';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from './agent-worker.config.js';
import { BuiltInTools } from './built-in-tools/built-in-tools.service.js';
import { ExecutionReports } from './executions/execution-reports.service.js';
import { ExecutionSpans } from './executions/execution-spans.js';
import { ExecutionsService } from './executions/executions.service.js';
import { ModelTurns } from './executions/model-turns.service.js';
import { Prompting } from './executions/prompting.service.js';
import { TaskScheduledConsumer } from './executions/task-scheduled.consumer.js';
import { WorkerMetrics } from './executions/worker-metrics.js';
import { ProviderGate } from './models/limits/provider-gate.service.js';
import { LanguageModels } from './models/language-models.js';
import { Runbooks } from './runbooks/runbooks.service.js';
import { SharedRunbooks } from './runbooks/shared-runbooks.js';
import { ResultSummaries } from './summaries/result-summaries.service.js';
import { ToolCalls } from './tools/tool-calls.service.js';
import { ToolCatalogue } from './tools/tool-catalogue.service.js';

@Module({})
export class AppModule {
  static around(config: AgentWorkerConfig): DynamicModule {
    const presence = {
      provide: PRESENCE_DETAILS,
      inject: [WorkerMetrics],
      useFactory:
        (metrics: WorkerMetrics): PresenceDetails =>
        () => ({ pool: config.pool, slots: config.slots, active: metrics.running }),
    };
    return {
      module: AppModule,
      providers: [
        { provide: AGENT_WORKER_CONFIG, useValue: config },
        presence,
        ToolCatalogue,
        WorkerMetrics,
        ProviderGate,
        LanguageModels,
        ExecutionSpans,
        ExecutionReports,
        SharedRunbooks,
        Runbooks,
        Prompting,
        ModelTurns,
        BuiltInTools,
        ToolCalls,
        ResultSummaries,
        ExecutionReports,
        ExecutionsService,
        TaskScheduledConsumer,
      ],
    };
  }
}
