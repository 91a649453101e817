import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.js';
import type { BenchSystem, BenchSystemOptions } from './bench-system.js';
import type { Program } from './program.js';
import type { ModelSettings } from './programs/model.program.js';

export const INSTANT_TOOL = fileURLToPath(new URL('./programs/instant-tool.program.js', import.meta.url));

export interface InvestigationsOptions {
  readonly name: string;
  readonly model: ModelSettings;
  /** Sessions at the same time. */
  readonly sessions: number;
  /** Stages of the chain, in YAML, of agents called Investigator. Default: one of one agent. */
  readonly stages?: string;
  readonly replicas?: BenchSystemOptions['replicas'];
}

export interface Investigations {
  readonly system: BenchSystem;
  readonly model: Program;
  readonly modelUrl: string;
  /** Submits alerts, a few at a time. @returns session ids */
  submit(count: number): Promise<string[]>;
}

/** A whole system whose agents call a tool that answers at once and a model that costs little. */
export async function withInvestigations<Result>(
  bench: Bench,
  options: InvestigationsOptions,
  measure: (investigations: Investigations) => Promise<Result>,
): Promise<Result> {
  return await bench.withProgram('model', async (model) => {
    const modelUrl = await model.call<string>('start', options.model);
    return await bench.withSystem(systemOptions(options, modelUrl), (system) =>
      measure({ system, model, modelUrl, submit: (count) => submitAlerts(system, count) }),
    );
  });
}

const ONE_STAGE = '[{ name: investigate, agents: [{ name: Investigator }] }]';

function systemOptions(
  { name, model, sessions, stages = ONE_STAGE, replicas }: InvestigationsOptions,
  modelUrl: string,
): BenchSystemOptions {
  return {
    name,
    tarsyYaml: `
queue: { max_concurrent_sessions: ${sessions} }
defaults: { llm_provider: bench, alert_type: bench }
mcp_servers: { bench: { transport: { type: stdio, command: "${process.execPath}", args: ["${INSTANT_TOOL}"] } } }
agents: { Investigator: { description: Investigates, mcp_servers: [bench] } }
agent_chains:
  bench:
    alert_types: [bench]
    max_iterations: ${model.toolTurns + 5}
    stages: ${stages}
`,
    providersYaml: `llm_providers: { bench: { type: openai, model: bench-model, base_url: "${modelUrl}", api_key_env: BENCH_MODEL_KEY } }`,
    environment: { BENCH_MODEL_KEY: 'bench-model-key-1234567890', WORKER_SLOTS: String(sessions) },
    ...(replicas ? { replicas } : {}),
  };
}

const SUBMITTED_AT_ONCE = 20;

async function submitAlerts(system: BenchSystem, count: number): Promise<string[]> {
  const sessionIds: string[] = [];
  let submitted = 0;
  const lane = async (): Promise<void> => {
    while (submitted < count) {
      const body = JSON.stringify({ alert_type: 'bench', data: `The disk of node ${submitted++} fills up.` });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${system.url('ingest')}/api/v1/alerts`, { method: 'POST', headers, body });
      if (response.status !== 202) throw new Error(`an alert was answered with ${response.status}`);
      sessionIds.push(((await response.json()) as { session_id: string }).session_id);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, SUBMITTED_AT_ONCE) }, lane));
  return sessionIds;
}
