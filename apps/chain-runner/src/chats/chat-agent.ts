import type { ResolvedAgent, SessionPlan } from '@tarsy/config';
import type { SessionStatus } from '@tarsy/contracts';
import type { AlertSession } from '@tarsy/persistence';

/** Sessions that may be asked about: those that have ended by themselves. */
const ASKABLE: readonly SessionStatus[] = ['completed', 'failed', 'timed_out'];

/** Who answers questions about the session, or why nobody does. As the session was planned, whatever the configuration says by now. */
export function chatAgentOf({ status, plan, chatEnabled }: AlertSession): ResolvedAgent | { readonly refusal: string } {
  if (status === 'cancelled' || status === 'cancelling')
    return { refusal: `session is ${status}: it can not be asked` };
  if (!ASKABLE.includes(status)) return { refusal: `session is ${status}: it is still being processed` };
  const { chat, unresolved } = (plan ?? {}) as Partial<SessionPlan>;
  if (chat) return chat;
  if (!chatEnabled) return { refusal: 'chat is switched off for the chain of this session' };
  return { refusal: unresolved?.chat ?? 'the chain of this session could not be found when it started' };
}
