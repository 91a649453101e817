import type { MailboxMessage, SubAgents } from '@tarsy/contracts';
import type { DispatchedAgent } from '../executions/execution-state.js';

/** A sub-agent with what is known of its end. */
export interface KnownAgent extends DispatchedAgent {
  readonly status: 'running' | 'completed' | 'failed' | 'timed_out' | 'cancelled';
}

/** What the mailbox says counts even before it was read. Pure. */
export function knownAgents(agents: readonly DispatchedAgent[], mailbox: readonly MailboxMessage[]): KnownAgent[] {
  const ends = new Map(
    mailbox.flatMap((message) =>
      message.type === 'sub-agent-result' ? [[message.childExecutionId, message.status] as const] : [],
    ),
  );
  return agents.map((agent) => ({ ...agent, status: ends.get(agent.executionId) ?? 'running' }));
}

export interface DispatchRequest {
  readonly name: string;
  readonly task: string;
}

/** Why a sub-agent can not be dispatched now; undefined where it can. Pure. */
export function refusalOf(
  { name, task }: DispatchRequest,
  subAgents: SubAgents,
  known: readonly KnownAgent[],
  now: Date,
): string | undefined {
  const names = subAgents.agents.map((agent) => agent.name);
  if (!names.includes(name)) return `There is no sub-agent "${name}". Available: ${names.join(', ')}.`;
  if (task.trim() === '') return 'The task is empty: a sub-agent knows nothing but its task.';
  const running = known.filter(({ status }) => status === 'running').length;
  const { maxConcurrentAgents, maxBudgetMs } = subAgents;
  if (running >= maxConcurrentAgents)
    return `${running} sub-agents are running, and no more are allowed at the same time. Wait for a result, or cancel one.`;
  const [first] = known;
  if (first !== undefined && now.getTime() - Date.parse(first.dispatchedAt) >= maxBudgetMs)
    return `The time for sub-agents is over (${Math.round(maxBudgetMs / 1_000)} seconds from the first one). Conclude with what you have.`;
  return undefined;
}

export function listOf(known: readonly KnownAgent[]): string {
  if (known.length === 0) return 'No sub-agents have been dispatched yet.';
  return known.map(({ name, executionId, status, task }) => `- ${name} (exec ${executionId}): ${status}. Task: ${task.replace(/\s+/g, ' ')}`).join('\n'); // prettier-ignore
}
