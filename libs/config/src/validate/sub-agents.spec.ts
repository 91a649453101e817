import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('sub_agents', () => {
  it.each([
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    sub_agents: GeneralWorker
`,
      ['tarsy.yaml:6:17: agent_chains.c.sub_agents: must be a list'],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    sub_agents: [1, true, [GeneralWorker]]
`,
      [
        'tarsy.yaml:6:18: agent_chains.c.sub_agents.0: must be an agent name or a mapping',
        'tarsy.yaml:6:21: agent_chains.c.sub_agents.1: must be an agent name or a mapping',
        'tarsy.yaml:6:27: agent_chains.c.sub_agents.2: must be an agent name or a mapping',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    sub_agents: [nobody, "", {}]
`,
      [
        'tarsy.yaml:6:18: agent_chains.c.sub_agents.0: agent "nobody" is not defined; known: …',
        'tarsy.yaml:6:26: agent_chains.c.sub_agents.1: is required',
        'tarsy.yaml:6:30: agent_chains.c.sub_agents.2.name: is required',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    sub_agents: [{ name: GeneralWorker, llm_provder: x, sub_agents: [] }]
`,
      [
        'tarsy.yaml:6:54: agent_chains.c.sub_agents.0.llm_provder: unknown key; did you mean "llm_provider"?',
        'tarsy.yaml:6:69: agent_chains.c.sub_agents.0.sub_agents: unknown key',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    sub_agents: [{ name: GeneralWorker, llm_provider: nobody, llm_backend: magic, max_iterations: 0 }]
`,
      [
        'tarsy.yaml:6:55: agent_chains.c.sub_agents.0.llm_provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:6:76: agent_chains.c.sub_agents.0.llm_backend: must be google-native or langchain',
        'tarsy.yaml:6:99: agent_chains.c.sub_agents.0.max_iterations: must be at least 1',
      ],
    ],
    [
      `
agent_chains:
  c:
    alert_types: [x]
    stages: [{ name: a, agents: [{ name: GeneralWorker }] }]
    sub_agents: [{ name: GeneralWorker, mcp_servers: [hots], skills: [one], required_skills: [two] }]
`,
      [
        'tarsy.yaml:6:55: agent_chains.c.sub_agents.0.mcp_servers.0: MCP server "hots" is not defined; did you mean "host"?',
        'tarsy.yaml:6:71: agent_chains.c.sub_agents.0.skills.0: skill "one" is not defined',
        'tarsy.yaml:6:95: agent_chains.c.sub_agents.0.required_skills.0: skill "two" is not defined',
      ],
    ],
    [
      `
agents: { Silent: {} }
agent_chains: { c: { alert_types: [x], stages: [{ name: s, sub_agents: [Silent], agents: [{ name: GeneralWorker }] }] } }
`,
      ['tarsy.yaml:3:73: agent_chains.c.stages.0.sub_agents.0: agent "Silent" needs a description to be a sub-agent'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, sub_agents: [nobody] }] }] } }',
      ['tarsy.yaml:1:105: agent_chains.c.stages.0.agents.0.sub_agents.0: agent "nobody" is not defined; known: …'],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
