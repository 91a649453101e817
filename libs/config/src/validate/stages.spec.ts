import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('stages', () => {
  it.each([
    [
      'agent_chains: { c: { alert_types: [x], stages: [{}] } }',
      [
        'tarsy.yaml:1:49: agent_chains.c.stages.0.name: is required',
        'tarsy.yaml:1:49: agent_chains.c.stages.0.agents: needs at least one agent',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }], replicas: -1, success_policy: most, max_iterations: 0 }] } }',
      [
        'tarsy.yaml:1:105: agent_chains.c.stages.0.replicas: must not be negative',
        'tarsy.yaml:1:125: agent_chains.c.stages.0.success_policy: must be all or any',
        'tarsy.yaml:1:147: agent_chains.c.stages.0.max_iterations: must be at least 1',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }], timeout: 0s }] } }',
      ['tarsy.yaml:1:104: agent_chains.c.stages.0.timeout: must be positive'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }], fallback_providers: [{ provider: nobody, backend: langchain }] }] } }',
      [
        'tarsy.yaml:1:128: agent_chains.c.stages.0.fallback_providers.0.provider: LLM provider "nobody" is not defined; known: …',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }], synthesis: { agent: nobody, llm_provider: nobody, llm_backend: magic } }] } }',
      [
        'tarsy.yaml:1:115: agent_chains.c.stages.0.synthesis.agent: agent "nobody" is not defined; known: …',
        'tarsy.yaml:1:137: agent_chains.c.stages.0.synthesis.llm_provider: LLM provider "nobody" is not defined; known: …',
        'tarsy.yaml:1:158: agent_chains.c.stages.0.synthesis.llm_backend: must be google-native or langchain',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{}] }] } }',
      ['tarsy.yaml:1:69: agent_chains.c.stages.0.agents.0.name: is required'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: nobody }] }] } }',
      ['tarsy.yaml:1:77: agent_chains.c.stages.0.agents.0.name: agent "nobody" is not defined; known: …'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, type: wizard }] }] } }',
      [
        'tarsy.yaml:1:98: agent_chains.c.stages.0.agents.0.type: must be synthesis, exec_summary, scoring, action or empty for an investigation',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, llm_provider: nobody }] }] } }',
      [
        'tarsy.yaml:1:106: agent_chains.c.stages.0.agents.0.llm_provider: LLM provider "nobody" is not defined; known: …',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, llm_backend: magic }] }] } }',
      ['tarsy.yaml:1:105: agent_chains.c.stages.0.agents.0.llm_backend: must be google-native or langchain'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, max_iterations: 0 }] }] } }',
      ['tarsy.yaml:1:108: agent_chains.c.stages.0.agents.0.max_iterations: must be at least 1'],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, mcp_servers: [hots] }] }] } }',
      [
        'tarsy.yaml:1:106: agent_chains.c.stages.0.agents.0.mcp_servers.0: MCP server "hots" is not defined; did you mean "host"?',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, fallback_providers: [{}] }] }] } }',
      [
        'tarsy.yaml:1:113: agent_chains.c.stages.0.agents.0.fallback_providers.0.provider: is required',
        'tarsy.yaml:1:113: agent_chains.c.stages.0.agents.0.fallback_providers.0.backend: is required: google-native or langchain',
      ],
    ],
    [
      'agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker, skills: [one], required_skills: [two, two] }] }] } }',
      [
        'tarsy.yaml:1:101: agent_chains.c.stages.0.agents.0.skills.0: skill "one" is not defined',
        'tarsy.yaml:1:125: agent_chains.c.stages.0.agents.0.required_skills.0: skill "two" is not defined',
        'tarsy.yaml:1:130: agent_chains.c.stages.0.agents.0.required_skills.1: skill "two" is listed twice',
      ],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
