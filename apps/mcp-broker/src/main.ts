import 'reflect-metadata';
import { loadConfiguration } from '@tarsy/config';
import { runService } from '@tarsy/service';
import { mcpBroker } from './mcp-broker.service.js';

await runService(mcpBroker(loadConfiguration()));
