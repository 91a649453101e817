import type { ServiceOptions } from '@tarsy/service';
import type { AgentWorkerConfig } from './agent-worker.config.js';
import { AppModule } from './app.module.js';

/** Everything that makes a process an agent-worker. */
export function agentWorker(config: AgentWorkerConfig): ServiceOptions {
  return { app: 'agent-worker', imports: [AppModule.around(config)] };
}
