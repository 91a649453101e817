import 'reflect-metadata';
import { readConfiguration, runService } from '@tarsy/service';
import { readBrokerEnvironment } from './mcp-broker.config.js';
import { mcpBroker } from './mcp-broker.service.js';

await runService('mcp-broker', (logger) => mcpBroker(readConfiguration(logger), readBrokerEnvironment(process.env)));
