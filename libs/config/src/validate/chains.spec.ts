import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('agent_chains', () => {
  it.each([
    [
      'agent_chains: { c: {} }',
      [
        'tarsy.yaml:1:20: agent_chains.c.alert_types: needs at least one alert type',
        'tarsy.yaml:1:20: agent_chains.c.stages: needs at least one stage',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [kubernetes, ""], stages: [{ name: s, agents: [{ name: GeneralWorker }] }] } }',
      [
        'tarsy.yaml:1:36: agent_chains.c.alert_types.0: alert type "kubernetes" already belongs to chain "kubernetes"',
        'tarsy.yaml:1:48: agent_chains.c.alert_types.1: must not be empty',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    llm_provider: nobody
`,
      ['tarsy.yaml:6:19: agent_chains.c.llm_provider: LLM provider "nobody" is not defined; known: …'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    max_iterations: 0
`,
      ['tarsy.yaml:6:21: agent_chains.c.max_iterations: must be at least 1'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    mcp_servers: [hots]
`,
      ['tarsy.yaml:6:19: agent_chains.c.mcp_servers.0: MCP server "hots" is not defined; did you mean "host"?'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    fallback_providers: [{ provider: nobody, backend: "" }]
`,
      [
        'tarsy.yaml:6:38: agent_chains.c.fallback_providers.0.provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:6:55: agent_chains.c.fallback_providers.0.backend: is required: google-native or langchain',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    max_concurrent_sessions: 0
`,
      ['tarsy.yaml:6:30: agent_chains.c.max_concurrent_sessions: must be at least 1'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    chat: { enabled: true }
`,
      ['tarsy.yaml:6:11: agent_chains.c.chat.agent: is required when chat is enabled'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    chat: { enabled: true, agent: nobody, llm_provider: nobody, llm_backend: magic, max_iterations: 0, sub_agents: [nobody] }
`,
      [
        'tarsy.yaml:6:35: agent_chains.c.chat.agent: agent "nobody" is not defined; known: …',
        'tarsy.yaml:6:57: agent_chains.c.chat.llm_provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:6:78: agent_chains.c.chat.llm_backend: must be google-native or langchain',
        'tarsy.yaml:6:101: agent_chains.c.chat.max_iterations: must be at least 1',
        'tarsy.yaml:6:117: agent_chains.c.chat.sub_agents.0: agent "nobody" is not defined; known: …',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    scoring: { enabled: true, agent: nobody, llm_provider: nobody, llm_backend: magic, max_iterations: 0, mcp_servers: [hots] }
`,
      [
        'tarsy.yaml:6:38: agent_chains.c.scoring.agent: agent "nobody" is not defined; known: …',
        'tarsy.yaml:6:60: agent_chains.c.scoring.llm_provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:6:81: agent_chains.c.scoring.llm_backend: must be google-native or langchain',
        'tarsy.yaml:6:104: agent_chains.c.scoring.max_iterations: must be at least 1',
        'tarsy.yaml:6:121: agent_chains.c.scoring.mcp_servers.0: MCP server "hots" is not defined; did you mean "host"?',
      ],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
