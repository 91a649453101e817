import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

/** An MCP server whose only tool answers at once. */
const server = new McpServer({ name: 'bench', version: '1.0.0' });
server.registerTool(
  'instant',
  { description: 'Answers at once.', inputSchema: { step: z.number() }, annotations: { readOnlyHint: true } },
  ({ step }) => ({ content: [{ type: 'text', text: `step ${step}: nothing unusual` }] }),
);
await server.connect(new StdioServerTransport());
