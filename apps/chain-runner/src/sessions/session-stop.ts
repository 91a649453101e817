import type { AlertSession } from '@tarsy/persistence';

/** Error message of a session, or of an execution, whose time was over. */
export const DEADLINE_PASSED = 'session deadline passed';

/** Why a session must not go on, and what it ends as. */
export interface SessionStop {
  readonly status: 'cancelled' | 'timed_out';
  readonly reason: string;
}

/** The stop that a running session was told of; undefined while it may go on. */
export function stopOf({ status, errorMessage }: AlertSession): SessionStop | undefined {
  if (status === 'cancelling') return { status: 'cancelled', reason: errorMessage ?? 'cancelled' };
  if (status === 'in_progress' && errorMessage === DEADLINE_PASSED)
    return { status: 'timed_out', reason: errorMessage };
  return undefined;
}
