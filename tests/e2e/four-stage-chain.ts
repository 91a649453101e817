import type { ChatRequestBody, ModelTurn } from '@tarsy/testing';

/**
 * Agents and chain of tarsy.yaml: single, single, parallel with policy `all` and one conclusion that is forced, replicas.
 * @param server MCP server of the agents; a second model provider is called `other`.
 */
export function fourStageChain(server: string): { readonly agents: string; readonly chain: string } {
  return {
    agents: `
  Investigator: { mcp_servers: [${server}], custom_instructions: ROLE-INVESTIGATOR }
  Skeptic: { mcp_servers: [${server}], custom_instructions: ROLE-SKEPTIC }`,
    chain: `
  four:
    alert_types: [four]
    stages:
      - { name: gather, agents: [{ name: Investigator }] }
      - { name: examine, agents: [{ name: Investigator }] }
      - name: debate
        agents: [{ name: Investigator }, { name: Skeptic, max_iterations: 1, llm_provider: other }]
        success_policy: all
        synthesis: { llm_provider: other }
      - { name: repeat, agents: [{ name: Investigator }], replicas: 2 }`,
  };
}

/** Who asks, from what the request says. */
export interface StageRequest {
  readonly stage: string;
  readonly role: 'INVESTIGATOR' | 'SKEPTIC' | 'REMEDIATOR' | undefined;
  /** Tool results that the model has been told. */
  readonly results: number;
  readonly offersTools: boolean;
  readonly text: string;
}

export function stageRequestOf(body: ChatRequestBody): StageRequest {
  const text = body.messages.map(({ content }) => content ?? '').join('\n');
  return {
    stage: text.includes('## Current Question') ? 'Chat' : ([...text.matchAll(/## Your Task\nStage "(.+)"/g)].at(-1)?.[1] ?? 'Executive Summary'), // prettier-ignore
    role: /ROLE-(\w+)/.exec(text)?.[1] as StageRequest['role'],
    results: body.messages.filter(({ role }) => role === 'tool').length,
    offersTools: (body.tools ?? []).length > 0,
    text,
  };
}

/** Model requests of the chain, synthesis and summary included, when none has to be repeated. */
export const FOUR_STAGE_REQUESTS = 15;

/**
 * What the model answers: every investigator calls a tool and concludes, the sceptic calls one until it must conclude.
 * @param call The turn that calls a tool to learn about something.
 */
export function fourStageAnswer(
  { stage, role, results, offersTools }: StageRequest,
  marker: string,
  call: (about: string) => ModelTurn,
): ModelTurn {
  if (role === 'SKEPTIC' && offersTools) return call('doubt');
  if (role === 'SKEPTIC') return { text: `Doubt remains. ${marker}` };
  if (role === 'INVESTIGATOR' && results === 0) return call(`facts for ${stage}`);
  return { text: `Result of ${stage}. ${marker}` };
}
