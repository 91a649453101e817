import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('agents', () => {
  it.each([
    [
      'agents: { A: { type: wizard } }',
      [
        'tarsy.yaml:1:22: agents.A.type: must be synthesis, exec_summary, scoring, action or empty for an investigation',
      ],
    ],
    [
      'agents: { A: { mcp_servers: [hots] } }',
      ['tarsy.yaml:1:30: agents.A.mcp_servers.0: MCP server "hots" is not defined; did you mean "host"?'],
    ],
    ['agents: { A: { max_iterations: 0 } }', ['tarsy.yaml:1:32: agents.A.max_iterations: must be at least 1']],
    [
      'agents: { A: { llm_backend: magic } }',
      ['tarsy.yaml:1:29: agents.A.llm_backend: must be google-native or langchain'],
    ],
    [
      'agents: { A: { native_tools: { web_search: true } } }',
      ['tarsy.yaml:1:44: agents.A.native_tools.web_search: is no native tool; known: …'],
    ],
    [
      'agents: { A: { orchestrator: { max_concurrent_agents: 0, agent_timeout: 0s, max_budget: 0s } } }',
      [
        'tarsy.yaml:1:55: agents.A.orchestrator.max_concurrent_agents: must be at least 1',
        'tarsy.yaml:1:73: agents.A.orchestrator.agent_timeout: must be positive',
        'tarsy.yaml:1:89: agents.A.orchestrator.max_budget: must be positive',
      ],
    ],
    [
      'agents: { A: { skills: [one, one], required_skills: [two] } }',
      [
        'tarsy.yaml:1:25: agents.A.skills.0: skill "one" is not defined',
        'tarsy.yaml:1:30: agents.A.skills.1: skill "one" is listed twice',
        'tarsy.yaml:1:54: agents.A.required_skills.0: skill "two" is not defined',
      ],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
