import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { releaseFile, recordToolRun, type RecordedTool } from './tool-runs.js';

/** An MCP server over stdio that writes down each run of its tools in the folder `TOOL_RUNS_FOLDER`, for tests that count them. */
const folder = process.env['TOOL_RUNS_FOLDER'];
if (!folder) throw new Error('TOOL_RUNS_FOLDER is not set');

const server = new McpServer({ name: 'recorded', version: '1.0.0' });
const inputSchema = { key: z.string(), hold: z.boolean().optional() };

async function run(tool: RecordedTool, { key, hold = false }: { key: string; hold?: boolean | undefined }) {
  recordToolRun(folder!, { tool, key, phase: 'started', pid: process.pid, atMs: Date.now() });
  while (hold && !existsSync(releaseFile(folder!, key))) {
    // A run whose broker was killed ends with the test, which removes the folder.
    if (!existsSync(folder!)) process.exit(1);
    await delay(10);
  }
  recordToolRun(folder!, { tool, key, phase: 'finished', pid: process.pid, atMs: Date.now() });
  return { content: [{ type: 'text' as const, text: `${tool} of ${key} is done` }] };
}

server.registerTool(
  'look',
  { description: 'Looks at something.', inputSchema, annotations: { readOnlyHint: true } },
  (given) => run('look', given),
);
server.registerTool(
  'change',
  { description: 'Changes something.', inputSchema, annotations: { readOnlyHint: false, idempotentHint: false } },
  (given) => run('change', given),
);
await server.connect(new StdioServerTransport());
