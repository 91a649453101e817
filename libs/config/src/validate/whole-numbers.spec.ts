import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

/** In flow style, with a number of which there is no half. */
const chain = (text: string): string =>
  `agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }] }], ${text} } }`;
const stage = (text: string): string =>
  `agent_chains: { c: { alert_types: [x], stages: [{ name: s, agents: [{ name: GeneralWorker }], ${text} }] } }`;
const server = (text: string): string =>
  `mcp_servers: { m: { transport: { type: stdio, command: x }, summarization: { ${text} } } }`;

describe('numbers of things that there is no half of', () => {
  it.each([
    ['queue.worker_count', 'queue: { worker_count: 1.5 }'],
    ['queue.max_concurrent_sessions', 'queue: { max_concurrent_sessions: 1.5 }'],
    ['system.retention.session_retention_days', 'system: { retention: { session_retention_days: 1.5 } }'],
    ['defaults.max_iterations', 'defaults: { max_iterations: 1.5 }'],
    ['defaults.memory.max_inject', 'defaults: { memory: { max_inject: 1.5 } }'],
    ['defaults.memory.reflector_memory_limit', 'defaults: { memory: { reflector_memory_limit: 1.5 } }'],
    ['defaults.memory.embedding.dimensions', 'defaults: { memory: { embedding: { dimensions: 1.5 } } }'],
    ['defaults.budget.max_tokens', 'defaults: { budget: { max_tokens: 1.5 } }'],
    ['defaults.budget.max_tool_calls', 'defaults: { budget: { max_tool_calls: 1.5 } }'],
    ['defaults.orchestrator.max_concurrent_agents', 'defaults: { orchestrator: { max_concurrent_agents: 1.5 } }'],
    ['agents.A.max_iterations', 'agents: { A: { max_iterations: 1.5 } }'],
    ['agent_chains.c.max_iterations', chain('max_iterations: 1.5')],
    ['agent_chains.c.chat.max_iterations', chain('chat: { enabled: true, agent: ChatAgent, max_iterations: 1.5 }')],
    ['agent_chains.c.scoring.max_iterations', chain('scoring: { enabled: true, max_iterations: 1.5 }')],
    ['agent_chains.c.stages.0.max_iterations', stage('max_iterations: 1.5')],
    ['agent_chains.c.stages.0.replicas', stage('replicas: 1.5')],
    ['mcp_servers.m.summarization.size_threshold_tokens', server('size_threshold_tokens: 150.5')],
    ['mcp_servers.m.summarization.summary_max_token_limit', server('summary_max_token_limit: 150.5')],
  ])('are refused in %s', (path, tarsy) => {
    const column = tarsy.search(/\d+\.5/) + 1;
    expect(problemsOf({ tarsy }).map(brief)).toEqual([`tarsy.yaml:1:${column}: ${path}: must be a whole number`]);
  });

  it('are refused in llm-providers.yaml too', () => {
    const providers = 'llm_providers: { p: { type: openai, model: m, requests_per_minute: 1.5 } }';
    expect(problemsOf({ providers })).toEqual([
      'llm-providers.yaml:1:68: llm_providers.p.requests_per_minute: must be a whole number',
    ]);
  });
});
