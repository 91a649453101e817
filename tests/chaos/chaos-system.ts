import { createLogger } from '@tarsy/observability';
import { Messaging, QueueInspector } from '@tarsy/messaging';
import {
  mentions,
  startModelServer,
  startSlackServer,
  ToolRuns,
  type ChatRequestBody,
  type ModelServer,
  type ModelTurn,
  type SlackMessage,
  type SlackServer,
} from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fourStageChain } from '../e2e/four-stage-chain.js';
import { TestSystem, type Replica, type SystemOptions } from '../e2e/system.js';

const CHANNEL = 'C0123456789';
const TOOL_SERVER = fileURLToPath(new URL('../../libs/testing/dist/tool-server/main.js', import.meta.url));

/** A whole system whose processes are there to be killed, with a model and tools that count what is asked of them. */
export class ChaosSystem {
  readonly #killed = new Set<Replica>();

  private constructor(
    readonly system: TestSystem,
    readonly model: ModelServer,
    readonly toolRuns: ToolRuns,
    readonly messaging: Messaging,
    readonly slack: SlackServer,
  ) {}

  static async start(
    name: string,
    options: Pick<SystemOptions, 'replicas' | 'namespace' | 'servers'> = {},
  ): Promise<ChaosSystem> {
    const model = await startModelServer();
    const slack = await startSlackServer([CHANNEL]);
    const four = fourStageChain('recorded');
    const folder = mkdtempSync(join(tmpdir(), `tarsy-${name}-tools-`));
    const system = await TestSystem.start(name, {
      ...options,
      tarsyYaml: `
system: { slack: { enabled: true, channel: ${CHANNEL}, token_env: CHAOS_SLACK_TOKEN } }
queue: { max_concurrent_sessions: 20 }
defaults: { llm_provider: scripted, alert_type: test }
mcp_servers:
  recorded:
    transport: { type: stdio, command: "${process.execPath}", args: ["${TOOL_SERVER}"], env: { TOOL_RUNS_FOLDER: "${folder}" } }
agents:${four.agents}
  Lead: { description: "Leads", orchestrator: { max_concurrent_agents: 2, agent_timeout: 5m } }
  Reader: { description: "Reads logs", mcp_servers: [recorded] }
agent_chains:${four.chain}
  orchestrated: { alert_types: [orchestrated], stages: [{ name: lead, agents: [{ name: Lead, sub_agents: [Reader] }] }] }
  one: { alert_types: [test], stages: [{ name: investigate, agents: [{ name: Investigator }] }] }
`,
      providersYaml: `
llm_providers:
  scripted: { type: openai, model: scripted-model, base_url: "${model.url}", api_key_env: CHAOS_MODEL_KEY }
  other: { type: openai, model: other-model, base_url: "${model.url}", api_key_env: CHAOS_MODEL_KEY }`,
      workerEnvironment: { CHAOS_MODEL_KEY: 'chaos-model-key-1234567890' },
      environment: { CHAOS_SLACK_TOKEN: slack.token, SLACK_API_URL: slack.url },
    });
    const messaging = await Messaging.connect(
      { url: system.servers.natsUrl, namespace: system.namespace, clientName: 'chaos-audit' },
      createLogger({ app: 'chaos-audit', replica: '1', level: 'silent' }),
    );
    return new ChaosSystem(system, model, new ToolRuns(folder), messaging, slack);
  }

  /**
   * Scripts one investigation by its steps: step `n` answers a conversation that holds `n` answers already, however often it is asked.
   * The summary stage, which offers no tools, is answered too.
   * @returns marker that the alert must carry
   */
  script(steps: (marker: string) => readonly ModelTurn[]): string {
    return this.scriptAny((marker) => {
      const turns = steps(marker);
      return (body) => turns[stepOf(body)] ?? { text: `In short: ${marker}` };
    });
  }

  /**
   * Scripts one investigation of any shape.
   * @param answers Given the marker, answers each request of the session.
   * @returns marker that the alert and every request must carry
   */
  scriptAny(answers: (marker: string) => (body: ChatRequestBody) => ModelTurn): string {
    const marker = `case-${randomUUID()}`;
    this.model.script({ name: marker, matches: mentions(marker), turns: answers(marker) });
    return marker;
  }

  /** May be repeated: it is one session. @returns session id */
  async submit(marker: string, alertType = 'test'): Promise<string> {
    const alert = { data: `Something is wrong: ${marker}`, alert_type: alertType, slack_message_fingerprint: marker };
    const { status, body } = await this.system.submit(alert, { 'idempotency-key': marker });
    if (status !== 202) throw new Error(`the alert was answered with ${status}: ${JSON.stringify(body)}`);
    return String(body['session_id']);
  }

  /** The worker that runs an execution now; for systems where only one does. */
  async busyWorker(): Promise<Replica> {
    for (;;) {
      for (const replica of this.system.replicas) {
        if (replica.app !== 'agent-worker') continue;
        const metrics = await fetch(`http://127.0.0.1:${replica.port}/metrics`).then((response) => response.text());
        if (/^tarsy_workers_active(\{[^}]*\})? [1-9]/m.test(metrics)) return replica;
      }
    }
  }

  /** Resolves once everything is recorded and handled: what a killed process had taken comes back after its ack wait. */
  async idle(): Promise<void> {
    const queues = new QueueInspector(this.messaging);
    await this.system.eventually(
      async () => (await queues.streams()).flatMap(({ consumers }) => consumers),
      (consumers) => consumers.every(({ pending, ackPending }) => pending === 0 && ackPending === 0),
    );
  }

  /** What Slack was told of a session, oldest first. */
  postsOf(sessionId: string): SlackMessage[] {
    return this.slack.messages.filter(({ metadata }) => metadata?.event_payload['session_id'] === sessionId);
  }

  /** With SIGKILL; it stays away until {@link restart} or {@link restartKilled}. */
  async kill(replica: Replica): Promise<void> {
    await this.system.kill(replica);
    this.#killed.add(replica);
  }

  async restart(replica: Replica): Promise<void> {
    this.#killed.delete(replica);
    await this.system.restart(replica);
  }

  async restartKilled(): Promise<void> {
    await Promise.all([...this.#killed].map((replica) => this.restart(replica)));
  }

  async stop(): Promise<void> {
    await this.messaging.close();
    await this.system.stop();
    await this.model.close();
    await this.slack.close();
    rmSync(this.toolRuns.folder, { recursive: true, force: true });
  }
}

/** Which step of the investigation a request asks for: the number of answers that its conversation holds. Past the end for the summary. */
export function stepOf({ messages, tools }: ChatRequestBody): number {
  if (tools === undefined || tools.length === 0) return Infinity;
  return messages.filter(({ role }) => role === 'assistant').length;
}

/** A turn that calls tools of the recorded server. */
export function calling(...calls: readonly { tool: 'look' | 'change'; key: string; hold?: boolean }[]): ModelTurn {
  return { toolCalls: calls.map(({ tool, ...given }) => ({ name: `recorded__${tool}`, arguments: given })) };
}
