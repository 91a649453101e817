import 'reflect-metadata';
import { runService } from '@tarsy/service';
import { readAgentWorkerConfig } from './agent-worker.config.js';
import { agentWorker } from './agent-worker.service.js';

await runService(agentWorker(readAgentWorkerConfig(process.env)));
