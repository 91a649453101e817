import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { registerTools } from './register-tools.js';

/** The host tool server: tells the truth about the machine it runs on, and changes nothing. Speaks MCP over standard input and output. */
const server = new McpServer({ name: 'tarsy-host', version: '0.1.0' });
registerTools(server);
await server.connect(new StdioServerTransport());
