import 'reflect-metadata';
import { runService } from '@tarsy/service';
import { readAgentWorkerConfig } from './agent-worker.config.js';
import { agentWorker } from './agent-worker.service.js';

// The journal holds every finished step, so executions move to another worker at once: waiting would only begin calls to be cut off.
process.env['SHUTDOWN_GRACE_MS'] ??= '1000';

await runService('agent-worker', () => agentWorker(readAgentWorkerConfig(process.env)));
