import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { HostTool } from './host-tool.js';
import { cpuAndLoad } from './tools/cpu-and-load.js';
import { diskUsage } from './tools/disk-usage.js';
import { dnsLookup } from './tools/dns-lookup.js';
import { fileSystemGrowth } from './tools/file-system-growth.js';
import { httpProbe } from './tools/http-probe.js';
import { largestDirectories } from './tools/largest-directories.js';
import { listeningPorts } from './tools/listening-ports.js';
import { memoryUsage } from './tools/memory-usage.js';
import { recentLogErrors } from './tools/recent-log-errors.js';
import { tlsCertificate } from './tools/tls-certificate.js';
import { topProcesses } from './tools/top-processes.js';

/** Every tool of this server. A new one is one file and one line. */
const HOST_TOOLS: readonly HostTool[] = [
  cpuAndLoad,
  memoryUsage,
  diskUsage,
  largestDirectories,
  fileSystemGrowth,
  topProcesses,
  listeningPorts,
  recentLogErrors,
  httpProbe,
  tlsCertificate,
  dnsLookup,
];

export function registerTools(server: McpServer): void {
  for (const { name, description, input, run } of HOST_TOOLS)
    server.registerTool(
      name,
      {
        description,
        inputSchema: input,
        annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      },
      async (given: Record<string, unknown>) => {
        try {
          return { content: [{ type: 'text' as const, text: JSON.stringify(await run(given), null, 1) }] };
        } catch (error) {
          const text = error instanceof Error ? error.message : String(error);
          return { isError: true, content: [{ type: 'text' as const, text }] };
        }
      },
    );
}
