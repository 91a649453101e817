import { fileURLToPath } from 'node:url';
import { mentions, startModelServer, type ModelServer, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { TestSystem, type SystemOptions } from './system.js';

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

export const KEY = 'e2e-model-key-1234567890';

/** A whole system whose model answers what the test wrote down. */
export interface ScriptedSystem {
  readonly system: TestSystem;
  readonly model: ModelServer;
  /** Scripts one investigation; the alert must carry the marker that is returned, and so must the final answer. */
  script(turns: (marker: string) => readonly ModelTurn[]): string;
  stop(): Promise<void>;
}

export async function startScriptedSystem(
  name: string,
  queue = '{ max_concurrent_sessions: 20 }',
  replicas: SystemOptions['replicas'] = {},
  environment: SystemOptions['environment'] = {},
): Promise<ScriptedSystem> {
  const model = await startModelServer();
  const system = await TestSystem.start(name, {
    tarsyYaml: `
queue: ${queue}
system: { cost_estimation: { model_rates: { scripted-model: { input_per_million: 1000, output_per_million: 1000 } } } }
defaults: { llm_provider: scripted, alert_type: test }
mcp_servers:
  everything:
    transport: { type: stdio, command: "${process.execPath}", args: ["${EVERYTHING}", "stdio"] }
    data_masking: { enabled: true, pattern_groups: [basic] }
agents:
  Investigator: { description: "Investigates", mcp_servers: [everything] }
  Concluder: { description: "Concludes without tools" }
  Left: { description: "Looks left", mcp_servers: [everything], custom_instructions: "You look left." }
  Right: { description: "Looks right", mcp_servers: [everything], custom_instructions: "You look right." }
agent_chains:
  one: { alert_types: [test], stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
  two:
    alert_types: [two-stages]
    stages: [{ name: gather, agents: [{ name: Investigator }] }, { name: conclude, agents: [{ name: Concluder }] }]
  patient: { alert_types: [patient], max_iterations: 1, force_conclusion_at_max_iterations: false, stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
  patient-pair: { alert_types: [patient-pair], max_iterations: 1, force_conclusion_at_max_iterations: false, stages: [{ name: look, agents: [{ name: Left }, { name: Right }] }] }
  falling: { alert_types: [falling], fallback_providers: [{ provider: spare, backend: langchain }], stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
  silent: { alert_types: [silent], chat: { enabled: false }, stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
  short: { alert_types: [short], max_iterations: 2, stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
`,
    providersYaml: `llm_providers:
  scripted: { type: openai, model: scripted-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY }
  spare: { type: openai, model: spare-model, base_url: "${model.url}", api_key_env: E2E_MODEL_KEY }`,
    workerEnvironment: { E2E_MODEL_KEY: KEY },
    replicas,
    environment: { MODEL_PRICES_URL: 'off', ...environment },
  });
  return {
    system,
    model,
    script: (turns) => {
      const marker = `case-${randomUUID()}`;
      model.script({ name: marker, matches: mentions(marker), turns: turns(marker) });
      return marker;
    },
    stop: async () => {
      await system.stop();
      await model.close();
    },
  };
}

/** A turn that calls one tool of server-everything. */
export function calling(tool: string, given: Readonly<Record<string, unknown>>): ModelTurn {
  return { toolCalls: [{ name: `everything__${tool}`, arguments: given }] };
}
