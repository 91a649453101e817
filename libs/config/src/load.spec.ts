import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chainIdFor,
  ConfigurationError,
  formatProblem,
  loadConfiguration,
  resolvePlan,
  type Configuration,
} from './index.js';

function directoryWith(tarsyYaml: string, providersYaml = ''): string {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-config-'));
  writeFileSync(join(directory, 'tarsy.yaml'), tarsyYaml);
  writeFileSync(join(directory, 'llm-providers.yaml'), providersYaml);
  return directory;
}

function load(tarsyYaml: string, environment: Record<string, string> = {}, providersYaml = ''): Configuration {
  return loadConfiguration({
    directory: directoryWith(tarsyYaml, providersYaml),
    environment: { HOME: '/nowhere', ...environment },
  });
}

function problemsOf(tarsyYaml: string, providersYaml = ''): string[] {
  try {
    load(tarsyYaml, {}, providersYaml);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}

describe(loadConfiguration.name, () => {
  it('loads the shipped files without a problem', () => {
    const configuration = loadConfiguration({ environment: { HOME: '/nowhere' } });
    expect(configuration.warnings).toEqual([]);
    expect(chainIdFor(configuration, 'host')).toBe('host');
    expect(configuration.defaults.provider).toBe('playbook');
  });

  it('loads an empty tarsy.yaml with every built-in', () => {
    const configuration = load('');
    expect(configuration.defaults.alertType).toBe('kubernetes');
    expect(configuration.queue).toEqual({ maxConcurrentSessions: 5, sessionTimeoutMs: 2_400_000 });
    expect(Object.keys(configuration.agents)).toContain('KubernetesAgent');
  });

  it('reports every problem at once, each with file, component, id and field', () => {
    const problems = problemsOf(`
queue: { worker_count: 0, heartbeat_interval: 10m }
agents:
  Detective: { max_iterations: 0, mcp_servers: [nowhere] }
`);
    expect(problems).toContain('tarsy.yaml: queue.worker_count: must be 1 to 50');
    expect(problems).toContain('tarsy.yaml: agents.Detective.max_iterations: must be at least 1');
  });

  it.each([
    [
      'agent_chains: { c: { alert_types: [kubernetes], stages: [{ name: a, agents: [{ name: GeneralWorker }] }] } }',
      'tarsy.yaml: agent_chains.c.alert_types: alert type "kubernetes" already belongs to chain "kubernetes"',
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [] } }',
      'tarsy.yaml: agent_chains.c.stages: needs at least one stage',
    ],
    [
      'mcp_servers: { m: { transport: { type: stdio } } }',
      'tarsy.yaml: mcp_servers.m.transport.command: is required for stdio',
    ],
    [
      'mcp_servers: { m: { transport: { type: http } } }',
      'tarsy.yaml: mcp_servers.m.transport.url: is required for http',
    ],
    [
      'queue: { session_timeout: soon }',
      'tarsy.yaml: queue.session_timeout: "soon" is not a duration such as 500ms, 90s or 1h30m',
    ],
    [
      'defaults: { alert_masking: { pattern_group: nothing } }',
      'tarsy.yaml: defaults.alert_masking.pattern_group: "nothing" is not a built-in pattern group',
    ],
    ['agents: [', 'tarsy.yaml: invalid YAML syntax'],
  ])('refuses %s', (yaml, message) => {
    expect(problemsOf(yaml).join('\n')).toContain(message);
  });

  it('names the known entries when a reference leads nowhere', () => {
    expect(problemsOf('agents: { A: { mcp_servers: [hots] } }').join('\n')).toContain(
      'tarsy.yaml: agents.A.mcp_servers.0: MCP server "hots" is not defined; known: host, kubernetes-server',
    );
  });

  it('warns of an unknown key and names the nearest known one', () => {
    const { warnings } = load('agents: { A: { max_iteration: 3 } }');
    expect(warnings.map(formatProblem)).toEqual([
      'tarsy.yaml: agents.A.max_iteration: unknown key; did you mean "max_iterations"?',
    ]);
  });

  it('says which required file is missing', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tarsy-config-'));
    expect(() => loadConfiguration({ directory, environment: {} })).toThrow(/tarsy.yaml: configuration file not found/);
  });

  it('fills in environment variables before parsing and leaves $NAME alone', () => {
    const configuration = load(
      'mcp_servers: { m: { transport: { type: http, url: "{{.URL}}", bearer_token: "$URL" } } }',
      {
        URL: 'http://tools',
      },
    );
    expect(configuration.mcpServers['m']?.transport).toMatchObject({ url: 'http://tools', bearerToken: '$URL' });
  });

  it('marks the built-in Kubernetes server as unavailable where there is no kubeconfig', () => {
    expect(load('').mcpServers['kubernetes-server']?.unavailableBecause).toContain('no kubeconfig');
  });
});

describe(resolvePlan.name, () => {
  it('lets the most specific level win', () => {
    const configuration = load(
      `
defaults: { llm_provider: base, max_iterations: 5 }
agents: { A: { max_iterations: 7, mcp_servers: [host] } }
agent_chains:
  c:
    alert_types: [x]
    max_iterations: 9
    stages:
      - { name: one, agents: [{ name: A }] }
      - { name: two, agents: [{ name: A, max_iterations: 3, llm_provider: other, mcp_servers: [] }] }
`,
      {},
      'llm_providers: { base: { type: openai, model: m1 }, other: { type: openai, model: m2, base_url: "http://x/v1" } }',
    );
    const { stages, executiveSummary } = resolvePlan(configuration, 'c', null);
    expect(stages[0]?.agents[0]).toMatchObject({
      maxIterations: 9,
      model: { provider: 'base', model: 'm1' },
      toolServers: [{ id: 'host' }],
    });
    expect(stages[1]?.agents[0]).toMatchObject({
      maxIterations: 3,
      model: { provider: 'other', baseUrl: 'http://x/v1' },
      toolServers: [],
    });
    expect(executiveSummary.model.provider).toBe('base');
  });

  it('gives a parallel stage a synthesis with its own agent and model, and a stage of one agent none', () => {
    const configuration = load(
      `
defaults: { llm_provider: base, success_policy: all }
agents: { A: { mcp_servers: [host] }, Judge: { type: synthesis } }
agent_chains:
  c:
    alert_types: [x]
    stages:
      - { name: one, agents: [{ name: A }] }
      - { name: twice, agents: [{ name: A }], replicas: 2, success_policy: any }
      - { name: compared, agents: [{ name: A }, { name: A, llm_provider: other }], synthesis: { agent: Judge, llm_provider: other } }
`,
      {},
      'llm_providers: { base: { type: openai, model: m1 }, other: { type: openai, model: m2 } }',
    );
    const { stages } = resolvePlan(configuration, 'c', null);
    expect(stages).toMatchObject([
      { parallelType: null, synthesis: null },
      {
        parallelType: 'replica',
        successPolicy: 'any',
        agents: [{ name: 'A-1' }, { name: 'A-2' }],
        synthesis: { name: 'SynthesisAgent', kind: 'synthesis', model: { provider: 'base' }, toolServers: [] },
      },
      {
        parallelType: 'multi_agent',
        successPolicy: 'all',
        agents: [
          { name: 'A', model: { provider: 'base' } },
          { name: 'A', model: { provider: 'other' } },
        ],
        synthesis: { name: 'Judge', kind: 'synthesis', model: { provider: 'other' }, toolServers: [] },
      },
    ]);
  });

  it('replaces the tool servers by the selection of the alert', () => {
    const plan = resolvePlan(load(''), 'kubernetes', { servers: [{ name: 'host', tools: ['disk_usage'] }] });
    expect(plan.stages[0]?.agents[0]?.toolServers).toMatchObject([{ id: 'host', tools: ['disk_usage'] }]);
  });

  it('refuses a chain that is gone', () => {
    expect(() => resolvePlan(load(''), 'gone', null)).toThrow('chain "gone" not found');
  });
});
