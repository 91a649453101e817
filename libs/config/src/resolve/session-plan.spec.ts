import { describe, expect, it } from 'vitest';
import { load } from '../configuration.fixture.js';
import type { Configuration, ResolvedAgent, SessionPlan } from '../index.js';
import { resolvePlan } from './session-plan.js';

const PROVIDERS = `
llm_providers:
  base: { type: openai, model: m1, native_tools: { google_search: true, url_context: true } }
  other: { type: openai, model: m2, base_url: "http://x/v1" }
  third: { type: google, model: m3 }
`;

const skill = (name: string): string => `---\nname: ${name}\ndescription: About ${name}\n---\n${name} body\n`;
const SKILLS = Object.fromEntries(['s1', 's2', 's3'].map((name) => [`skills/${name}.md`, skill(name)]));

function configurationOf(tarsy: string): Configuration {
  return load({ tarsy, providers: PROVIDERS, others: SKILLS });
}

/** Plan of a chain `c`, given as the lines below its id. */
function planOf(
  chain: string,
  rest = 'defaults: { llm_provider: base }',
  selection: Parameters<typeof resolvePlan>[2] = null,
): SessionPlan {
  // prettier-ignore
  return resolvePlan(configurationOf(`${rest}\nagent_chains:\n  c:\n    alert_types: [x]\n${chain}`), 'c', selection);
}

function firstAgent(plan: SessionPlan): ResolvedAgent {
  return plan.stages[0]!.agents[0]!;
}

const STAGE = '    stages: [{ name: s, agents: [{ name: A }] }]\n';

describe(resolvePlan.name, () => {
  it('lets the most specific level win', () => {
    const plan = planOf(
      `
    max_iterations: 9
    stages:
      - { name: one, agents: [{ name: A }] }
      - { name: two, max_iterations: 4, mcp_servers: [kubernetes-server], agents: [{ name: A, llm_provider: other }] }
      - { name: three, max_iterations: 4, agents: [{ name: A, max_iterations: 3, mcp_servers: [kubernetes-server] }] }
`,
      'defaults: { llm_provider: base, max_iterations: 5 }\nagents: { A: { max_iterations: 7, mcp_servers: [host] } }',
    );
    const agents = plan.stages.map(({ agents: [agent] }) => agent!);
    expect(agents.map(({ maxIterations }) => maxIterations)).toEqual([9, 4, 3]);
    expect(agents.map(({ model }) => model.provider)).toEqual(['base', 'other', 'base']);
    expect(agents.map(({ toolServers }) => toolServers.map(({ id }) => id))).toEqual([
      ['host'],
      ['kubernetes-server'],
      ['kubernetes-server'],
    ]);
    expect(agents[1]?.model).toMatchObject({ model: 'm2', baseUrl: 'http://x/v1' });
  });

  it.each([
    ['langchain', '', '', ''],
    ['google-native', ', llm_backend: google-native', '', ''],
    ['langchain', ', llm_backend: google-native', 'llm_backend: langchain', ''],
    ['google-native', '', 'llm_backend: langchain', '    llm_backend: google-native\n'],
  ])('calls models by %s (defaults%s, agent {%s}, chain%s)', (backend, defaults, agent, chain) => {
    const rest = `defaults: { llm_provider: base${defaults} }\nagents: { A: { ${agent} } }`;
    expect(firstAgent(planOf(chain + STAGE, rest)).model.backend).toBe(backend);
  });

  it('takes an empty list of servers as none said', () => {
    const rest = 'defaults: { llm_provider: base }\nagents: { A: { mcp_servers: [host] } }';
    expect(firstAgent(planOf('    mcp_servers: []\n' + STAGE, rest)).toolServers).toMatchObject([{ id: 'host' }]);
  });

  it('runs several agents of a stage in parallel and merges their results', () => {
    const [stage] = planOf(`
    stages:
      - name: s
        agents: [{ name: GeneralWorker }, { name: HostAgent, llm_provider: third }]
        synthesis: { llm_provider: other, llm_backend: google-native }
`).stages;
    expect(stage).toMatchObject({ parallelType: 'multi_agent', successPolicy: 'any' });
    expect(stage?.agents.map(({ name, model }) => [name, model.provider])).toEqual([
      ['GeneralWorker', 'base'],
      ['HostAgent', 'third'],
    ]);
    expect(stage?.synthesis).toMatchObject({
      name: 'SynthesisAgent',
      kind: 'synthesis',
      model: { provider: 'other', backend: 'google-native' },
      toolServers: [],
    });
  });

  it('runs the first agent as often as there are replicas', () => {
    const [stage] = planOf(`
    stages: [{ name: s, replicas: 2, success_policy: all, agents: [{ name: GeneralWorker }, { name: HostAgent }] }]
`).stages;
    expect(stage).toMatchObject({ parallelType: 'replica', successPolicy: 'all' });
    expect(stage?.agents.map(({ name, definition }) => [name, definition])).toEqual([
      ['GeneralWorker-1', 'GeneralWorker'],
      ['GeneralWorker-2', 'GeneralWorker'],
    ]);
    expect(stage?.synthesis?.name).toBe('SynthesisAgent');
  });

  it('has nothing to merge after one agent', () => {
    const [stage] = planOf('    stages: [{ name: s, timeout: 90s, agents: [{ name: GeneralWorker }] }]\n').stages;
    expect(stage).toMatchObject({ parallelType: null, synthesis: null, timeoutMs: 90_000 });
  });

  it.each([
    ['action', '[{ name: GeneralWorker, type: action }]'],
    ['investigation', '[{ name: GeneralWorker, type: action }, { name: HostAgent }]'],
  ])('makes an %s stage of %s', (type, agents) => {
    expect(planOf(`    stages: [{ name: s, agents: ${agents} }]\n`).stages[0]?.type).toBe(type);
  });

  it.each([
    ['stage agent', ', sub_agents: [A]', ', sub_agents: [B]', '    sub_agents: [C]\n', ['A']],
    ['stage', '', ', sub_agents: [B]', '    sub_agents: [C]\n', ['B']],
    ['chain', ', sub_agents: []', ', sub_agents: []', '    sub_agents: [C]\n', ['C']],
  ])('takes the sub-agents of the %s', (_level, agent, stage, chain, names) => {
    const rest = 'defaults: { llm_provider: base }\nagents: { A: { description: a }, B: { description: b }, C: { description: c } }'; // prettier-ignore
    const plan = planOf(`${chain}    stages: [{ name: s${stage}, agents: [{ name: HostAgent${agent} }] }]\n`, rest);
    expect(firstAgent(plan).subAgents.map(({ name }) => name)).toEqual(names);
  });

  it("resolves a sub-agent by the chain and its reference, not by its parent's stage or the alert", () => {
    const plan = planOf(
      `
    max_iterations: 9
    stages:
      - name: s
        max_iterations: 2
        mcp_servers: [kubernetes-server]
        agents:
          - name: GeneralWorker
            sub_agents: [HostAgent, { name: HostAgent, llm_provider: other, max_iterations: 4, required_skills: [s1] }]
`,
      undefined,
      { servers: [{ name: 'kubernetes-server' }] },
    );
    const [plain, overridden] = firstAgent(plan).subAgents;
    expect(plain).toMatchObject({ maxIterations: 9, model: { provider: 'base' }, toolServers: [{ id: 'host' }] });
    expect(overridden).toMatchObject({ maxIterations: 4, model: { provider: 'other' }, skills: { required: ['s1'] } });
  });

  it('limits an orchestrator by its definition, then defaults, then built-ins', () => {
    const rest = `defaults: { llm_provider: base, orchestrator: { agent_timeout: 60s, max_depth: 2 } }
agents: { A: { orchestrator: { agent_timeout: 30s, max_concurrent_agents: 2 } } }`;
    expect(firstAgent(planOf(STAGE, rest)).orchestrator).toEqual({
      maxConcurrentAgents: 2,
      agentTimeoutMs: 30_000,
      maxBudgetMs: 900_000,
      maxDepth: 2,
    });
  });

  it.each([
    ['defaults', '', '', '', ['other']],
    ['chain', '    fallback_providers: [{ provider: third, backend: google-native }]\n', '', '', ['third']],
    [
      'stage',
      '    fallback_providers: [{ provider: third, backend: langchain }]\n',
      ', fallback_providers: []',
      '',
      [],
    ],
    ['stage agent', '', ', fallback_providers: []', ', fallback_providers: [{ provider: base, backend: langchain }]', ['base']], // prettier-ignore
  ])('falls back as the %s says', (_level, chain, stage, agent, providers) => {
    const rest = 'defaults: { llm_provider: base, fallback_providers: [{ provider: other, backend: langchain }] }';
    const plan = planOf(`${chain}    stages: [{ name: s${stage}, agents: [{ name: HostAgent${agent} }] }]\n`, rest);
    expect(firstAgent(plan).fallbackModels.map(({ provider }) => provider)).toEqual(providers);
  });

  it.each([
    ['all on demand but the required ones', 'required_skills: [s1]', '', ['s1'], ['s2', 's3']],
    ['what the agent lists and the stage adds', 'skills: [s1]', ', skills: [s2]', [], ['s1', 's2']],
    ['none', 'skills: []', '', [], []],
    ['nothing of the stage where the agent lists none', '', ', skills: [s2], required_skills: [s3]', ['s3'], ['s1', 's2']], // prettier-ignore
  ])('gives an agent %s', (_what, agent, stageAgent, required, onDemand) => {
    const rest = `defaults: { llm_provider: base }\nagents: { A: { ${agent} } }`;
    const plan = planOf(`    stages: [{ name: s, agents: [{ name: A${stageAgent} }] }]\n    chat: {}\n`, rest);
    expect(firstAgent(plan).skills).toEqual({ required, onDemand });
    expect(Object.keys(plan.skills)).toEqual([...required, ...onDemand].toSorted());
  });

  it('pins the texts of skills', () => {
    expect(planOf('    stages: [{ name: s, agents: [{ name: GeneralWorker }] }]\n').skills['s1']?.body).toBe('s1 body');
  });

  it('overrides native tools one by one: provider, agent, alert', () => {
    const plan = planOf(
      STAGE,
      'defaults: { llm_provider: base }\nagents: { A: { native_tools: { google_search: false, code_execution: true } } }',
      { servers: [], native_tools: { code_execution: false } },
    );
    expect(firstAgent(plan)).toMatchObject({
      needsNativeTools: true,
      model: { nativeTools: { google_search: false, url_context: true, code_execution: false } },
    });
  });

  it('replaces the tool servers by the selection of the alert, for stages and chat', () => {
    const plan = planOf('    stages: [{ name: s, agents: [{ name: GeneralWorker }] }]\n', undefined, {
      servers: [{ name: 'host', tools: ['disk_usage'] }],
    });
    expect(firstAgent(plan).toolServers).toMatchObject([{ id: 'host', tools: ['disk_usage'] }]);
    expect(plan.chat?.toolServers).toMatchObject([{ id: 'host', tools: ['disk_usage'] }]);
  });

  it("summarizes by the server's model, else that of defaults, else the agent's", () => {
    const servers = `
mcp_servers:
  own: { transport: { type: stdio, command: x }, summarization: { llm_provider: other } }
  off: { transport: { type: stdio, command: x }, summarization: { enabled: false } }
  plain: { transport: { type: stdio, command: x } }
agents: { A: { mcp_servers: [own, off, plain] } }
`;
    const modelsWith = (defaults: string): unknown[] =>
      firstAgent(planOf(STAGE, `defaults: { llm_provider: base${defaults} }${servers}`)).toolServers.map(
        ({ summarization }) => summarization && (summarization.model?.provider ?? 'agent'),
      );
    expect(modelsWith('')).toEqual(['other', undefined, 'agent']);
    expect(modelsWith(', summarization: { llm_provider: third, llm_backend: google-native }')).toEqual([
      'other',
      undefined,
      'third',
    ]);
  });

  it('answers questions with the servers of all stages, unless chain or chat name some', () => {
    const chat = (lines: string): unknown =>
      planOf(`${lines}    stages: [{ name: s, agents: [{ name: HostAgent }, { name: KubernetesAgent }] }]\n`).chat?.toolServers.map(({ id }) => id); // prettier-ignore
    expect(chat('')).toEqual(['host', 'kubernetes-server']);
    expect(chat('    mcp_servers: [host]\n')).toEqual(['host']);
    expect(chat('    mcp_servers: [host]\n    chat: { enabled: true, agent: ChatAgent, mcp_servers: [kubernetes-server] }\n')).toEqual(['kubernetes-server']); // prettier-ignore
  });

  it('has no chat where a block does not enable it', () => {
    expect(planOf('    stages: [{ name: s, agents: [{ name: HostAgent }] }]\n    chat: {}\n').chat).toBeNull();
  });

  it('scores by the most specific model, past the backend of the chain', () => {
    const plan = planOf(
      `    stages: [{ name: s, agents: [{ name: HostAgent }] }]
    llm_backend: google-native
    llm_provider: other
    scoring: { enabled: true, max_iterations: 3 }
`,
      'defaults: { llm_provider: base, scoring: { llm_provider: third, llm_backend: langchain } }',
    );
    expect(plan.scoring).toMatchObject({
      automatic: true,
      agent: {
        name: 'ScoringAgent',
        kind: 'scoring',
        maxIterations: 3,
        model: { provider: 'other', backend: 'langchain' },
      },
    });
  });

  it('limits a session by the chain, and by defaults where the chain sets no limit', () => {
    const plan = planOf(
      '    stages: [{ name: s, agents: [{ name: HostAgent }] }]\n    budget: { max_tokens: 10, max_wall_time: 2m }\n',
      'defaults: { llm_provider: base, budget: { max_tokens: 99, max_cost_usd: 1.5 } }',
    );
    expect(plan.budget).toEqual({ maxTokens: 10, maxCostUsd: 1.5, maxToolCalls: undefined, maxWallTimeMs: 120_000 });
  });

  it.each([
    [true, '', '', ''],
    [false, '    force_conclusion_at_max_iterations: false\n', '', ''],
    [true, '    force_conclusion_at_max_iterations: false\n', ', force_conclusion_at_max_iterations: true', ''],
    [false, '', ', force_conclusion_at_max_iterations: true', ', force_conclusion_at_max_iterations: false'],
  ])('concludes at the limit: %s', (forceConclusion, chain, stage, agent) => {
    const plan = planOf(`${chain}    stages: [{ name: s${stage}, agents: [{ name: HostAgent${agent} }] }]\n`);
    expect(firstAgent(plan).forceConclusion).toBe(forceConclusion);
  });

  it('does not fail an investigation because its summary can not be resolved', () => {
    const plan = planOf(
      '    executive_summary_provider: nobody\n    stages: [{ name: s, agents: [{ name: HostAgent }] }]\n',
    );
    expect(plan.executiveSummary).toBeNull();
    expect(plan.unresolved).toEqual({ executiveSummary: 'LLM provider "nobody" not found' });
  });

  it.each([
    ['chain "gone" not found', 'gone', ''],
    ['LLM provider "nobody" not found', 'host', 'defaults: { llm_provider: nobody }'],
    ['LLM backend "magic" is not google-native or langchain', 'host', 'defaults: { llm_backend: magic }'],
  ])('refuses what the stages need and is not there: %s', (message, chain, tarsy) => {
    expect(() => resolvePlan(configurationOf(tarsy), chain, null)).toThrow(message);
  });
});
