import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { subjectFilters, taskScheduled } from '@tarsy/contracts';
import { ConsumerHost } from '@tarsy/messaging';
import { AGENT_WORKER_CONFIG, type AgentWorkerConfig } from '../agent-worker.config.js';
import { ExecutionsService } from './executions.service.js';
import { WorkerMetrics } from './worker-metrics.js';

/** How long a killed worker holds up its executions. */
const ACK_WAIT_MS = 10_000;

/** Takes the tasks of this worker's pool, as many at a time as it has slots. */
@Injectable()
export class TaskScheduledConsumer implements OnApplicationBootstrap {
  constructor(
    private readonly host: ConsumerHost,
    private readonly executions: ExecutionsService,
    private readonly metrics: WorkerMetrics,
    @Inject(AGENT_WORKER_CONFIG) private readonly config: AgentWorkerConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { pool, slots } = this.config;
    this.metrics.setSlots(this.config);
    await this.host.consume(
      taskScheduled,
      {
        durable: `agent-worker-${pool}`,
        filterSubjects: [subjectFilters.tasksOfPool(pool)],
        ackWaitMs: ACK_WAIT_MS,
        // Deliveries say nothing about a task that may outlive many workers; the journal does.
        maxDeliver: Infinity,
        concurrency: slots,
      },
      (task, delivery) => this.executions.run(task, delivery),
    );
  }
}
