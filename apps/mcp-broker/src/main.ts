import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { mcpBroker } from './mcp-broker.service.js';

await runService('mcp-broker', (logger) => mcpBroker(readConfiguration(logger)));
