import type { Configuration } from '@tarsy/config';
import type { EntityManager } from 'typeorm';

/** Any number: all replicas must use the same. */
const ADMISSION_LOCK = 4_011_795_201;

/** How many sessions may be in progress at once, in the whole deployment. */
export interface SlotLimits {
  readonly maxConcurrentSessions: number;
  /** By chain id; a chain without an entry has no limit of its own. */
  readonly maxOfChains: Readonly<Record<string, number>>;
}

export function slotLimitsOf({ queue, chains }: Configuration): SlotLimits {
  const capped = Object.entries(chains).filter(([, { maxConcurrentSessions }]) => maxConcurrentSessions !== undefined);
  return {
    maxConcurrentSessions: queue.maxConcurrentSessions,
    maxOfChains: Object.fromEntries(capped.map(([id, chain]) => [id, chain.maxConcurrentSessions!])),
  };
}

/**
 * Gives free slots to pending sessions, most urgent and oldest first; a chain at its own limit lets others pass. One transaction at a time
 * counts and takes, so both limits are exact. The status is asked for again outside: a session that was cancelled while this statement
 * waited for its row must stay so.
 */
export async function takeSlots(
  manager: EntityManager,
  { maxConcurrentSessions, maxOfChains }: SlotLimits,
  now: Date,
  deadlineAt: Date,
): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [ADMISSION_LOCK]);
  const caps = Object.entries(maxOfChains).map(([chain_id, most]) => ({ chain_id, most }));
  await manager.query(
    `WITH active AS (
       SELECT chain_id, count(*) AS sessions FROM alert_sessions WHERE status IN ('in_progress', 'cancelling') GROUP BY chain_id
     ), free AS (
       SELECT GREATEST(0, $3 - coalesce(sum(sessions), 0)) AS slots FROM active
     ), capped AS (
       SELECT cap.chain_id, GREATEST(0, cap.most - coalesce(active.sessions, 0)) AS slots
       FROM jsonb_to_recordset($4::jsonb) AS cap(chain_id text, most integer) LEFT JOIN active USING (chain_id)
     ), candidates AS (
       (SELECT id, priority_rank, created_at FROM alert_sessions
        WHERE status = 'pending' AND deleted_at IS NULL AND chain_id NOT IN (SELECT chain_id FROM capped)
        ORDER BY priority_rank, created_at, id LIMIT (SELECT slots FROM free))
       UNION ALL
       SELECT waiting.id, waiting.priority_rank, waiting.created_at FROM capped CROSS JOIN LATERAL (
         SELECT id, priority_rank, created_at FROM alert_sessions
         WHERE status = 'pending' AND deleted_at IS NULL AND chain_id = capped.chain_id
         ORDER BY priority_rank, created_at, id LIMIT capped.slots) AS waiting
     )
     UPDATE alert_sessions SET status = 'in_progress', started_at = COALESCE(started_at, $1), running_since = $1, deadline_at = $2
     WHERE status = 'pending' AND id IN (
       SELECT id FROM candidates ORDER BY priority_rank, created_at, id LIMIT (SELECT slots FROM free))`,
    [now, deadlineAt, maxConcurrentSessions, JSON.stringify(caps)],
  );
}
