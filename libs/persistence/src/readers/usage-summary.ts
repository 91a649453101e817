import type { UsageRanking, UsageSummary } from '@tarsy/contracts';
import type { DataSource } from 'typeorm';
import { storable } from '../storable.js';
import { COST_COLUMNS, costFieldsOf, type CostSums } from './cost.js';

/** Whose usage to sum up, checked by the caller. Sessions are chosen by the time of their creation. */
export interface UsageFilter {
  readonly start: Date;
  /** Exclusive. */
  readonly end: Date;
  readonly alertType?: string;
  readonly chainId?: string;
  readonly rankBy: UsageRanking;
}

interface Sums extends CostSums {
  readonly session_count: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

const MOST_SESSIONS = 20;
const SUMS = `
  count(DISTINCT s.id)::int AS session_count, coalesce(sum(input_tokens), 0)::float8 AS input_tokens,
  coalesce(sum(output_tokens), 0)::float8 AS output_tokens, coalesce(sum(total_tokens), 0)::float8 AS total_tokens, ${COST_COLUMNS}`;

/** Deleted sessions are left out. */
export async function summarizeUsage(
  dataSource: DataSource,
  asked: UsageFilter,
  isEstimated: boolean,
): Promise<UsageSummary> {
  const filter = storable(asked);
  const usage = new UsageQuery(dataSource, filter);
  const [[totals], models, alertTypes, chains, sessions] = await Promise.all([
    usage.sums<object>(''),
    usage.sums<{ model_name: string }>('model_name', 'model_name IS NOT NULL'),
    usage.sums<{ alert_type: string }>('alert_type'),
    usage.sums<{ chain_id: string }>('chain_id'),
    usage.topSessions(),
  ]);
  return {
    cost_estimation_enabled: isEstimated,
    window: { start: filter.start.toISOString(), end: filter.end.toISOString() },
    rank_by: filter.rankBy,
    totals: {
      session_count: totals!.session_count,
      ...tokensOf(totals!),
      ...averagedCost(totals!, isEstimated),
      ...costFieldsOf(totals!, isEstimated),
      ...(isEstimated
        ? { unpriced_interaction_count: totals!.unpriced_calls, unpriced_token_count: totals!.unpriced_tokens }
        : {}),
    },
    by_model: models.map((row) => ({
      model_name: row.model_name,
      session_count: row.session_count,
      ...tokensOf(row),
      ...averagedCost(row, isEstimated),
      ...(isEstimated ? { priced: row.unpriced_calls === 0, unpriced_interaction_count: row.unpriced_calls } : {}),
    })),
    by_alert_type: alertTypes.map((row) => ({ alert_type: row.alert_type, ...ofSessions(row, isEstimated) })),
    by_chain: chains.map((row) => ({ chain_id: row.chain_id, ...ofSessions(row, isEstimated) })),
    top_sessions: sessions.map((row) => ({
      session_id: row.session_id,
      alert_type: row.alert_type,
      chain_id: row.chain_id,
      total_tokens: row.total_tokens,
      ...costFieldsOf(row, isEstimated),
      created_at: row.created_at.toISOString(),
    })),
  };
}

interface SessionSums extends Sums {
  readonly session_id: string;
  readonly alert_type: string;
  readonly chain_id: string;
  readonly created_at: Date;
}

/** The same sessions, summed up in several ways. */
class UsageQuery {
  readonly #parameters: unknown[];
  readonly #from: string;
  readonly #order: string;

  constructor(
    private readonly dataSource: DataSource,
    { start, end, alertType, chainId, rankBy }: UsageFilter,
  ) {
    this.#parameters = [start, end];
    const equals = (column: string, value: string | undefined): string =>
      value === undefined ? '' : ` AND s.${column} = $${this.#parameters.push(value)}`;
    this.#from = `FROM alert_sessions s LEFT JOIN llm_interactions l ON l.session_id = s.id
      WHERE s.deleted_at IS NULL AND s.created_at >= $1 AND s.created_at < $2
      ${equals('alert_type', alertType)}${equals('chain_id', chainId)}`;
    this.#order = rankBy === 'cost' ? 'cost_usd DESC NULLS LAST, total_tokens DESC' : 'total_tokens DESC';
  }

  /** @param column Empty: everything together. */
  async sums<Key extends object>(column: string, condition = 'true'): Promise<(Key & Sums)[]> {
    const group = column === '' ? '' : `GROUP BY ${column} ORDER BY ${this.#order}, ${column}`;
    const selected = column === '' ? '' : `${column}, `;
    return await this.dataSource.query(`SELECT ${selected}${SUMS} ${this.#from} AND ${condition} ${group}`, this.#parameters); // prettier-ignore
  }

  async topSessions(): Promise<SessionSums[]> {
    return await this.dataSource.query(
      `SELECT s.id AS session_id, s.alert_type, s.chain_id, s.created_at, ${SUMS} ${this.#from}
       GROUP BY s.id HAVING coalesce(sum(total_tokens), 0) > 0 ORDER BY ${this.#order}, s.id LIMIT ${MOST_SESSIONS}`,
      this.#parameters,
    );
  }
}

const tokensOf = ({ input_tokens, output_tokens, total_tokens }: Sums): Pick<Sums, 'input_tokens' | 'output_tokens' | 'total_tokens'> => ({ input_tokens, output_tokens, total_tokens }); // prettier-ignore

function averagedCost(
  { cost_usd, session_count }: Sums,
  isEstimated: boolean,
): { estimated_cost_usd?: number; average_cost_usd?: number } {
  if (!isEstimated || cost_usd === null) return {};
  return { estimated_cost_usd: cost_usd, average_cost_usd: cost_usd / Math.max(1, session_count) };
}

const ofSessions = (
  row: Sums,
  isEstimated: boolean,
): Pick<Sums, 'session_count' | 'total_tokens'> & ReturnType<typeof averagedCost> => ({
  session_count: row.session_count,
  total_tokens: row.total_tokens,
  ...averagedCost(row, isEstimated),
});
