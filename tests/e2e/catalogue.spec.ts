import { mentions, startModelServer, type ModelServer } from '@tarsy/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as send, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../tools/cli/src/servers/ports.js';
import { calling } from './scripted-system.js';
import { TestSystem } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const RUNBOOK = 'Look for deleted files that are open.';
const DAY_MS = 24 * 3_600_000;

let model: ModelServer;
let tools: ChildProcess;
let system: TestSystem;
/** GitHub's API, the host of the runbooks, and what stands before the tool server, in one. */
let outside: Server;
const cleanups: string[] = [];
const toolRequests: IncomingHttpHeaders[] = [];

const address = (): string => `http://localhost:${(outside.address() as AddressInfo).port}`;

async function startOutside(toolPort: number): Promise<void> {
  outside = createServer((incoming, answer) => {
    const { method, url = '', headers } = incoming;
    if (url.startsWith('/repos/acme/runbooks/contents'))
      return answer.end(JSON.stringify([{ type: 'file', name: 'disk.md', path: 'disk.md', html_url: `${address()}/disk.md` }])); // prettier-ignore
    if (url === '/disk.md') return answer.end(RUNBOOK);
    if (method === 'DELETE' && url.startsWith('/sessions/')) {
      cleanups.push(url.slice('/sessions/'.length));
      return answer.writeHead(204).end();
    }
    toolRequests.push(headers);
    const forwarded = send({ port: toolPort, method, headers, path: url }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    incoming.pipe(forwarded);
  }).listen(0, 'localhost');
  await once(outside, 'listening');
}

/** Today and the days beside it, so that the test may run at midnight. */
const holidays = [-1, 0, 1].map((days) => {
  const date = new Date(Date.now() + days * DAY_MS).toISOString().slice(5, 10);
  return `{ date: "${date}", name: Founders Day }`;
});

beforeAll(async () => {
  const toolPort = await freePort();
  const environment = { PATH: process.env['PATH'], PORT: String(toolPort) };
  tools = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], { env: environment, stdio: 'ignore' });
  await startOutside(toolPort);
  model = await startModelServer();
  system = await TestSystem.start('catalogue', {
    tarsyYaml: `
system:
  runbooks:
    repo_url: ${address()}/acme/runbooks/tree/main
    allowed_domains: [localhost]
    allow_private_addresses: true
  holidays: [${holidays.join(', ')}]
defaults: { llm_provider: scripted, alert_type: test }
mcp_servers:
  everything:
    transport:
      type: http
      url: ${address()}/mcp
      custom_headers: { X-Session-ID: "{{.SESSION_ID}}" }
      session_cleanup_url: "${address()}/sessions/{{.SESSION_ID}}"
agents: { Investigator: { mcp_servers: [everything] } }
agent_chains:
  one: { alert_types: [test], description: Tests, stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
`,
    providersYaml: `llm_providers: { scripted: { type: openai, model: scripted-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY } }`,
    workerEnvironment: { E2E_MODEL_KEY: 'e2e-model-key-1234567890' },
    environment: { MODEL_PRICES_URL: 'off', GITHUB_API_URL: address() },
  });
});

afterAll(async () => {
  await system.stop();
  await model.close();
  tools.kill('SIGKILL');
  outside.closeAllConnections();
  outside.close();
});

describe('what the configuration offers', () => {
  it('is listed: alert types, tools, runbooks, settings', async () => {
    const types = await system.get<{ alert_types: unknown[] }>('/alert-types');
    expect(types.alert_types).toContainEqual({ type: 'test', chain_id: 'one', description: 'Tests' });
    expect(await system.get('/system/default-tools?alert_type=test')).toEqual({
      alert_type: 'test',
      mcp_servers: ['everything'],
      native_tools: { google_search: false, code_execution: false, url_context: false },
    });
    expect(await system.get('/runbooks')).toEqual([`${address()}/disk.md`]);
    const settings = await system.eventually(
      () => system.get<{ system: { cost_estimation: { catalog: { source: string } } } }>('/system/config'),
      (answer) => answer.system.cost_estimation.catalog.source !== 'none',
    );
    expect(settings.system.cost_estimation.catalog.source).toBe('snapshot');
  });

  it('reaches an investigation: runbook, holiday, a connection of its own, and a cleanup at its end', async () => {
    const marker = `case-${randomUUID()}`;
    const turns = [calling('get-sum', { a: 1, b: 2 }), { text: `Done ${marker}` }];
    model.script({ name: marker, matches: mentions(marker), turns });
    const { body } = await system.submit({ data: marker, runbook: `${address()}/disk.md` });
    const session = await system.finished(String(body['session_id']));
    expect(session).toMatchObject({ status: 'completed', final_analysis: `Done ${marker}` });
    const [instructions, alert] = model.requestsOf(marker)[0]!.body.messages.map(({ content }) => content);
    expect(instructions).toContain('GLOBAL_HOLIDAY (Founders Day)');
    expect(alert).toContain(RUNBOOK);
    const executionId = session.stages[0]!.executions![0]!.execution_id;
    await system.eventually(() => Promise.resolve(cleanups), ({ length }) => length > 0); // prettier-ignore
    expect(cleanups).toEqual([executionId]);
    const named = toolRequests.map((headers) => headers['x-session-id']).filter((id) => id !== undefined);
    expect(new Set(named)).toEqual(new Set([executionId]));
  });
});
