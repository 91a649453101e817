import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/**
 * A tool server that misbehaves as it is told, over stdio or (with `HTTP_PORT`) streamable HTTP. What it does it writes to files in
 * `RUNS_FOLDER`: `runs` gets a line `<tool> <key> <pid>` for each run. It does not start while a file `down` is there.
 */
const folder = process.env['RUNS_FOLDER'];
if (folder === undefined) throw new Error('RUNS_FOLDER is not set');
if (existsSync(join(folder, 'down'))) process.exit(1);
if (process.env['NOISY']) console.log('starting up, please wait\n{"not": "json-rpc"}\n{ broken');
if (process.env['IGNORE_STDIN_END']) setInterval(() => undefined, 1_000);

const record = (tool: string, key: string): void =>
  appendFileSync(join(folder, 'runs'), `${tool} ${key} ${process.pid}\n`);
const text = (value: string): { content: [{ type: 'text'; text: string }] } => ({
  content: [{ type: 'text', text: value }],
});
const READS = { readOnlyHint: true } as const;
const keyed = { key: z.string() };
let together = 0;
let mostTogether = 0;

/** A run whose broker was killed ends with the test, which removes the folder. */
async function untilReleased(key: string): Promise<void> {
  while (!existsSync(join(folder!, `release-${key}`))) {
    if (!existsSync(folder!)) process.exit(1);
    await sleep(10);
  }
}

/** Ends the process in the middle of the first call of a key; answers later ones. */
function breakOnce(key: string): void {
  const mark = join(folder!, `broken-${key}`);
  if (existsSync(mark)) return;
  writeFileSync(mark, '');
  process.exit(1);
}

function createToolServer(): McpServer {
  const server = new McpServer({ name: 'fixture', version: '1.0.0' });
  const tool = <Shape extends z.ZodRawShape>(
    name: string,
    inputSchema: Shape,
    annotations: { readOnlyHint?: boolean; idempotentHint?: boolean },
    run: (given: z.output<z.ZodObject<Shape>>) => Promise<{ content: { type: 'text'; text: string }[] }>,
  ): void => void server.registerTool(name, { description: name, inputSchema, annotations }, run as never);

  tool('environment', {}, READS, async () => text(JSON.stringify(process.env)));
  tool('pid', {}, READS, async () => text(String(process.pid)));
  tool('fail', {}, READS, async () => ({ isError: true, ...text('permission denied') }));
  tool('big', { bytes: z.number() }, READS, async ({ bytes }) => text(`${'x'.repeat(99)}\n`.repeat(bytes / 100)));
  tool('secret', {}, READS, async () => text('password: hunter2hunter2'));
  for (const [name, annotations] of [
    ['look', READS],
    ['set', { idempotentHint: true }],
    ['change', {}],
  ] as const) {
    tool(name, { ...keyed, hold: z.boolean().default(false) }, annotations, async ({ key, hold }) => {
      record(name, key);
      if (hold) await untilReleased(key);
      return text(`${name} ${key} done`);
    }); // prettier-ignore
    tool(`${name}_and_break`, keyed, annotations, async ({ key }) => {
      record(name, key);
      breakOnce(key);
      return text(`${name} ${key} done`);
    });
  }
  tool('together', { ms: z.number() }, READS, async ({ ms }) => {
    mostTogether = Math.max(mostTogether, ++together);
    await sleep(ms);
    together--;
    return text(String(mostTogether));
  });
  return server;
}

async function listen(port: number): Promise<void> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const http = createServer(async (request, response) => {
    const known = transports.get(String(request.headers['mcp-session-id']));
    if (known) return await known.handleRequest(request, response);
    if (request.headers['mcp-session-id']) return void response.writeHead(404).end();
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await createToolServer().connect(transport as never);
    await transport.handleRequest(request, response);
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  process.send?.('ready');
}

const port = Number(process.env['HTTP_PORT'] ?? 0);
if (port > 0) await listen(port);
else await createToolServer().connect(new StdioServerTransport());
