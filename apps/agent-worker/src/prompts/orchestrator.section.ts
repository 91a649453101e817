import type { PromptContext } from './prompt-context.js';

/** How an agent works with sub-agents; action agents get the tools only. */
export function orchestratorSection({ task: { agent, subAgents } }: PromptContext): string {
  if (subAgents === undefined || agent.kind === 'action') return '';
  const { agents, maxConcurrentAgents, agentTimeoutMs } = subAgents;
  return [
    '## Orchestrator Strategy',
    '- Split the investigation into questions that can be answered independently, and dispatch one agent for each with `dispatch_agent`.',
    '- A sub-agent knows nothing but its task: write into it every name, time and number that it needs, and what to report.',
    `- At most ${maxConcurrentAgents} run at the same time, each for at most ${Math.round(agentTimeoutMs / 1_000)} seconds.`,
    '- Do not dispatch an agent for what one tool call of your own answers, and do not give two agents the same question.',
    '- Weigh what they report by its evidence. Correct one that goes astray with `steer_agent`, stop one that is not needed with `cancel_agent`.',
    '',
    '## Available Sub-Agents',
    ...agents.map(({ name, description, toolServers, nativeTools }) => {
      const tools = [
        ...(toolServers.length === 0 ? [] : [`MCP servers: ${toolServers.join(', ')}`]),
        ...(nativeTools.length === 0 ? [] : [`native tools: ${nativeTools.join(', ')}`]),
      ];
      return `- ${name}: ${description}${tools.length === 0 ? '' : ` (${tools.join('; ')})`}`;
    }),
    '',
    '## Result Delivery',
    'Dispatching returns at once. Each result comes later by itself, as a message that begins with "[Sub-agent". Never ask for it and never make it up.',
    'When you have nothing to do until then, answer with a short text and no tool call: you are called again when a result has come.',
  ].join('\n');
}

/** What a sub-agent is told of its place. */
export function subAgentSection({ task: { assignment } }: PromptContext): string {
  if (assignment === undefined) return '';
  return [
    '## Your Place',
    `You are a sub-agent. ${assignment.parentAgentName} gave you one task and reads nothing but your final answer.`,
    'Do that task and nothing beyond it. Report findings with their evidence, say what you could not find out, and be concise.',
  ].join('\n');
}
