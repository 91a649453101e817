import { describe, expect, it } from 'vitest';
import { load, warningsOf } from '../configuration.fixture.js';

describe('odd but usable files', () => {
  it.each([
    [
      'queue: { worker_count: 0, session_timeout: 0s }',
      [
        'tarsy.yaml:1:24: queue.worker_count: zero means "not set": the default applies',
        'tarsy.yaml:1:44: queue.session_timeout: zero means "not set": the default applies',
      ],
    ],
    [
      'system: { runbooks: { cache_ttl: often } }',
      ['tarsy.yaml:1:34: system.runbooks.cache_ttl: "often" is not a duration; 1m applies'],
    ],
    [
      'system: { runbooks: { repo_url: "https://github.com/acme" } }',
      ['tarsy.yaml:1:33: system.runbooks.repo_url: is no folder of a GitHub repository: its runbooks are not listed'],
    ],
    [
      'system: { runbooks: { repo_url: "https://git.example.com/acme/runbooks" } }',
      [
        'tarsy.yaml:1:33: system.runbooks.repo_url: host "git.example.com" is not in allowed_domains: its runbooks are not listed',
      ],
    ],
    [
      'system: { holidays: [{ date: 13-01, name: Never }, { date: 12-24 }, { date: 12-26, name: Boxing Day }] }',
      [
        'tarsy.yaml:1:22: system.holidays.0: is left out: it needs a date MM-DD and a name',
        'tarsy.yaml:1:52: system.holidays.1: is left out: it needs a date MM-DD and a name',
      ],
    ],
    [
      'system: { retention: { session_retention_days: 0, event_ttl: -1s, cleanup_interval: 0s } }',
      [
        'tarsy.yaml:1:48: system.retention.session_retention_days: must be positive: the default applies',
        'tarsy.yaml:1:62: system.retention.event_ttl: must be positive: the default applies',
        'tarsy.yaml:1:85: system.retention.cleanup_interval: must be positive: the default applies',
      ],
    ],
    [
      'defaults: { llm_provider: nobody, llm_backend: magic, max_iterations: 0 }',
      [
        'tarsy.yaml:1:27: defaults.llm_provider: LLM provider "nobody" is not defined; sessions that need it will fail',
        'tarsy.yaml:1:48: defaults.llm_backend: "magic" is no backend; sessions that need it will fail',
        'tarsy.yaml:1:71: defaults.max_iterations: must be at least 1 to have an effect',
      ],
    ],
    [
      'mcp_servers: { m: { transport: { type: http, url: nowhere } } }',
      ['tarsy.yaml:1:51: mcp_servers.m.transport.url: is no URL; the server can not be reached'],
    ],
    [
      'defaults: { alert_masking: { pattern_group: basic } }',
      ['tarsy.yaml:1:28: defaults.alert_masking: alerts are not masked: the block has no "enabled: true"'],
    ],
    [
      'defaults: { memory: { enabled: true } }',
      ['tarsy.yaml:1:32: defaults.memory.enabled: no chain has scoring enabled, so no memories will be created'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    llm_backend: magic
`,
      ['tarsy.yaml:6:18: agent_chains.c.llm_backend: "magic" is no backend; sessions of this chain will fail'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    executive_summary_provider: nobody
`,
      [
        'tarsy.yaml:6:33: agent_chains.c.executive_summary_provider: LLM provider "nobody" is not defined; summaries will fail',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, mcp_servers: [hots], agents: [{ name: GeneralWorker }] }] } }',
      ['tarsy.yaml:1:74: agent_chains.c.stages.0.mcp_servers.0: MCP server "hots" is not defined; the stage will fail'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }, { name: GeneralWorker, type: action }] }] } }',
      [
        'tarsy.yaml:1:68: agent_chains.c.stages.0.agents: mixes action agents with others: the stage counts as an investigation',
      ],
    ],
    [
      `
defaults: { fallback_providers: [{ provider: openai-default, backend: langchain }] }
agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: WebResearcher }] }] } }
`,
      [
        'tarsy.yaml:3:69: agent_chains.c.stages.0.agents.0: agent "WebResearcher" needs native tools, but none of its fallback providers is google-native',
      ],
    ],
  ])('load with a warning: %s', (tarsy, warnings) => {
    expect(warningsOf(tarsy)).toEqual(warnings);
  });

  it.each([
    `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    chat: { agent: nobody, llm_backend: magic, max_iterations: 0 }
`,
    `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    chat: { enabled: true, agent: ChatAgent, mcp_servers: [hots] }
`,
    `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    scoring: { enabled: false, agent: nobody, llm_backend: magic, max_iterations: 0 }
`,
    'system: { runbooks: { repo_url: "https://www.github.com/acme/runbooks/tree/main/sre" } }',
    'system: { runbooks: { repo_url: "https://git.example.com/acme/runbooks", allowed_domains: [git.example.com] } }',
    'mcp_servers: { m: { transport: { type: stdio, command: x }, data_masking: { pattern_groups: [none], patterns: [none], custom_patterns: [{}] } } }',
    'mcp_servers: { m: { transport: { type: stdio, command: x }, data_masking: { enabled: true, custom_patterns: [{ pattern: "(", replacement: x }] } } }',
    'mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { enabled: false, size_threshold_tokens: 5 } } }',
    'system: { cost_estimation: { promotions: [{ model: m, end: 2026-02-01 }, { model: m, start: 2026-02-01, end: 2026-03-01 }] } }',
  ])('load without one: %s', (tarsy) => {
    expect(warningsOf(tarsy)).toEqual([]);
  });

  it('may say anything about native tools of vendors other than Google', () => {
    expect(
      load({ providers: 'llm_providers: { p: { type: openai, model: m, native_tools: { anything: true } } }' })
        .warnings,
    ).toEqual([]);
  });
});
