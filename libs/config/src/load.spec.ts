import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, problemsOf, warningsOf } from './configuration.fixture.js';
import { chainIdFor, type ConfigurationError, loadConfiguration } from './index.js';

const HTTP_SERVER = 'mcp_servers: { m: { transport: { type: http, url: "{{.URL}}", bearer_token: "$URL" } } }';

describe(loadConfiguration.name, () => {
  it('loads the shipped files without a problem', () => {
    const configuration = loadConfiguration({ environment: { HOME: '/nowhere' } });
    expect(configuration.warnings).toEqual([]);
    expect(chainIdFor(configuration, 'host')).toBe('host');
    expect(configuration.defaults.provider).toBe('playbook');
  });

  it('loads an empty tarsy.yaml with every built-in', () => {
    const configuration = load('');
    expect(configuration.defaults).toMatchObject({ alertType: 'kubernetes', alertMasking: { enabled: true } });
    expect(configuration.queue).toEqual({ maxConcurrentSessions: 5, sessionTimeoutMs: 2_400_000 });
    expect(Object.keys(configuration.agents)).toContain('KubernetesAgent');
  });

  it('reports every problem of every file at once, each with its place', () => {
    const tarsy = `
queue: { worker_count: 51, heartbeat_interval: 10m }
agents:
  Detective: { max_iterations: 0, mcp_servers: [nowhere] }
`;
    const providers = 'llm_providers: { p: { type: oracle, model: m } }';
    expect(problemsOf({ tarsy, providers, others: { 'skills/a.md': 'text' } })).toEqual([
      'tarsy.yaml:2:24: queue.worker_count: must be 1 to 50',
      'tarsy.yaml:2:48: queue.heartbeat_interval: must be less than orphan_threshold',
      'tarsy.yaml:4:32: agents.Detective.max_iterations: must be at least 1',
      'tarsy.yaml:4:49: agents.Detective.mcp_servers.0: MCP server "nowhere" is not defined; known: host, kubernetes-server',
      'llm-providers.yaml:1:29: llm_providers.p.type: must be google, openai, anthropic, xai, vertexai or playbook',
      'skills/a.md:1:1: skills: malformed skill: the file must begin with front matter between "---" lines',
    ]);
  });

  it('says which required files are missing', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tarsy-config-'));
    try {
      loadConfiguration({ directory, environment: {} });
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigurationError).problems.map(({ file, message }) => [file, message])).toEqual([
        ['tarsy.yaml', `configuration file not found in ${directory}`],
        ['llm-providers.yaml', `configuration file not found in ${directory}`],
      ]);
    }
  });

  it.each([
    ['agents: [', 'tarsy.yaml:1:10: invalid YAML syntax: Flow sequence in block collection must be sufficiently indented and end with a ]'], // prettier-ignore
    ['- a', 'tarsy.yaml:1:1: invalid YAML syntax: the top level must be a mapping'],
    ['agents: { A: {}, A: {} }', 'tarsy.yaml:1:18: invalid YAML syntax: Map keys must be unique'],
    ['agents: [A]', 'tarsy.yaml:1:9: agents: must be a mapping'],
    ['agents: { A: text }', 'tarsy.yaml:1:14: agents.A: must be a mapping'],
    ['agents: { A: { mcp_servers: host } }', 'tarsy.yaml:1:29: agents.A.mcp_servers: must be a list'],
    ['agents: { A: { max_iterations: "5" } }', 'tarsy.yaml:1:32: agents.A.max_iterations: must be a number'],
    ['agents: { A: { description: [a] } }', 'tarsy.yaml:1:29: agents.A.description: must be a text'],
    ['system: { slack: { enabled: maybe } }', 'tarsy.yaml:1:29: system.slack.enabled: must be true or false'],
  ])('refuses what is no YAML of the right shape: %s', (tarsy, message) => {
    expect(problemsOf(tarsy)).toEqual([message]);
  });

  it('takes a value without content as absent, and scalars as the wanted type', () => {
    const configuration = load(`
defaults:
  runbook:
  alert_masking:
system: { slack: { enabled: no, channel: 123 } }
agents:
  Empty:
mcp_servers:
  m: { transport: { type: stdio, command: x, env: { PORT: 0080, EMPTY: } } }
`);
    expect(configuration.defaults).toMatchObject({ runbook: '', alertMasking: { enabled: true } });
    expect(configuration.system.slack).toMatchObject({ enabled: false, channel: '123' });
    expect(configuration.agents['Empty']).toMatchObject({ type: '', mcpServers: [] });
    expect(configuration.mcpServers['m']?.transport.environment).toEqual({ PORT: '0080', EMPTY: '' });
  });

  it('reads anchors and merged mappings', () => {
    const { agents } = load(`
base: &base { description: common, max_iterations: 7 }
agents: { A: { <<: *base, max_iterations: 9 }, B: *base }
`);
    expect(agents['A']).toMatchObject({ description: 'common', maxIterations: 9 });
    expect(agents['B']).toMatchObject({ description: 'common', maxIterations: 7 });
  });

  it('replaces a built-in entry completely', () => {
    const { agents, mcpServers } = load(`
agents: { KubernetesAgent: { max_iterations: 3 } }
mcp_servers: { kubernetes-server: { transport: { type: stdio, command: kube } } }
`);
    expect(agents['KubernetesAgent']).toMatchObject({ description: '', mcpServers: [], maxIterations: 3 });
    expect(mcpServers['kubernetes-server']).toMatchObject({ instructions: '', unavailableBecause: undefined });
  });

  it('gives up alert types of its own chain that a file gives to another, but not those of TARSy', () => {
    const chain = (types: string): string =>
      `agent_chains: { c: { alert_types: [${types}], stages: [{ name: s, agents: [{ name: GeneralWorker }] }] } }`;
    const configuration = load(chain('EndpointDown, HostHighCpu'));
    expect(chainIdFor(configuration, 'EndpointDown')).toBe('c');
    expect(configuration.chains['host']?.alertTypes).toEqual(['host', 'HostDiskPressure', 'HostMemoryPressure']);
    const all = load(chain('host, HostDiskPressure, HostHighCpu, HostMemoryPressure, EndpointDown'));
    expect(Object.keys(all.chains)).toEqual(['kubernetes', 'c']);
    expect(problemsOf(chain('kubernetes'))).toHaveLength(1);
  });

  it('loads files with unknown keys and names the nearest known one', () => {
    expect(warningsOf('agents: { A: { max_iteration: 3 } }\nsystm: {}\nzzz: 1\n')).toEqual([
      'tarsy.yaml:1:16: agents.A.max_iteration: unknown key; did you mean "max_iterations"?',
      'tarsy.yaml:2:1: systm: unknown key; did you mean "system"?',
      'tarsy.yaml:3:1: zzz: unknown key',
    ]);
  });

  it('says where a mistake stands although interpolation moved it', () => {
    const tarsy = 'agents:\n  "{{.NAME}}": { description: "{{.TEXT}}", max_iterations: 0 }\n';
    expect(problemsOf(tarsy, { environment: { NAME: 'A', TEXT: 'a long text\\nwith lines' } })).toEqual([
      'tarsy.yaml:2:60: agents.A.max_iterations: must be at least 1',
    ]);
  });

  it('fills in environment variables before parsing and leaves $NAME alone', () => {
    const { transport } = load(HTTP_SERVER, { environment: { URL: 'http://tools' } }).mcpServers['m']!;
    expect(transport).toMatchObject({ url: 'http://tools', bearerToken: '$URL' });
  });

  it('fills in nothing where a variable is not set, unless it is filled elsewhere', () => {
    expect(problemsOf(HTTP_SERVER)).toEqual(['tarsy.yaml:1:51: mcp_servers.m.transport.url: is required for http']);
    expect(load(HTTP_SERVER, { keepUnset: true }).mcpServers['m']?.transport.url).toBe('{{.URL}}');
  });

  it('keeps {{.SESSION_ID}} for each execution', () => {
    const { transport } = load(
      'mcp_servers: { m: { transport: { type: http, url: "http://x", custom_headers: { S: "{{.SESSION_ID}}" } } } }',
      { environment: { SESSION_ID: 'wrong' } },
    ).mcpServers['m']!;
    expect(transport.customHeaders).toEqual({ S: '{{.SESSION_ID}}' });
  });

  it('reads .env first and lets the environment win', () => {
    const others = { '.env': 'URL=http://from-file\n' };
    const url = (environment = {}): unknown =>
      load({ tarsy: HTTP_SERVER, others }, { environment }).mcpServers['m']?.transport.url;
    expect(url()).toBe('http://from-file');
    expect(url({ URL: 'http://from-environment' })).toBe('http://from-environment');
  });

  it('marks the built-in Kubernetes server as unavailable where there is no kubeconfig', () => {
    expect(load('').mcpServers['kubernetes-server']?.unavailableBecause).toContain('no kubeconfig');
  });

  it('summarizes large results of every server that does not switch it off', () => {
    const { mcpServers } = load(`
mcp_servers:
  on: { transport: { type: stdio, command: x } }
  own: { transport: { type: stdio, command: x }, summarization: { size_threshold_tokens: 300 } }
  off: { transport: { type: stdio, command: x }, summarization: { enabled: false } }
`);
    expect(mcpServers['on']?.summarization).toMatchObject({
      enabled: true,
      thresholdTokens: 5_000,
      targetTokens: 1_000,
    });
    expect(mcpServers['own']?.summarization).toMatchObject({
      enabled: true,
      thresholdTokens: 300,
      targetTokens: 1_000,
    });
    expect(mcpServers['off']?.summarization.enabled).toBe(false);
  });

  it('scores every chain that says nothing else when defaults.scoring is on', () => {
    const { chains } = load(`
defaults: { scoring: { enabled: true } }
agent_chains:
  quiet: { alert_types: [q], stages: [{ name: a, agents: [{ name: GeneralWorker }] }], scoring: { enabled: false } }
`);
    expect([chains['host']?.scoring.enabled, chains['quiet']?.scoring.enabled]).toEqual([true, false]);
  });

  it('hands out what nobody can change', () => {
    const configuration = load('');
    expect(Object.isFrozen(configuration.agents['GeneralWorker'])).toBe(true);
    expect(() => Object.assign(configuration.queue, { maxConcurrentSessions: 1 })).toThrow(TypeError);
  });
});
