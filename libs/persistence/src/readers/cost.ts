/** Sums over rows of `llm_interactions`. */
export interface CostSums {
  /** USD; null where no call has a price. */
  readonly cost_usd: number | null;
  /** Calls that used tokens. */
  readonly counted_calls: number;
  /** Those of them without a price. */
  readonly unpriced_calls: number;
  readonly unpriced_tokens: number;
}

/** Columns of a query over `llm_interactions` that make {@link CostSums}. */
export const COST_COLUMNS = `
  sum(estimated_cost_usd)::float8 AS cost_usd, count(*) FILTER (WHERE total_tokens > 0)::int AS counted_calls,
  count(*) FILTER (WHERE total_tokens > 0 AND estimated_cost_usd IS NULL)::int AS unpriced_calls,
  coalesce(sum(total_tokens) FILTER (WHERE estimated_cost_usd IS NULL), 0)::float8 AS unpriced_tokens`;

export const NO_COST: CostSums = { cost_usd: null, counted_calls: 0, unpriced_calls: 0, unpriced_tokens: 0 };

export function addCosts(left: CostSums, right: CostSums): CostSums {
  const isKnown = left.cost_usd !== null || right.cost_usd !== null;
  return {
    cost_usd: isKnown ? (left.cost_usd ?? 0) + (right.cost_usd ?? 0) : null,
    counted_calls: left.counted_calls + right.counted_calls,
    unpriced_calls: left.unpriced_calls + right.unpriced_calls,
    unpriced_tokens: left.unpriced_tokens + right.unpriced_tokens,
  };
}

export interface CostFields {
  estimated_cost_usd?: number;
  cost_completeness?: 'complete' | 'partial' | 'none';
}

/** Nothing where estimation is off, or where no call used tokens. */
export function costFieldsOf({ cost_usd, counted_calls, unpriced_calls }: CostSums, isEstimated: boolean): CostFields {
  if (!isEstimated || counted_calls === 0) return {};
  const completeness = unpriced_calls === 0 ? 'complete' : unpriced_calls < counted_calls ? 'partial' : 'none';
  return { ...(cost_usd === null ? {} : { estimated_cost_usd: cost_usd }), cost_completeness: completeness };
}

/** As {@link costFieldsOf}, with the number of calls without a price where there are any. */
export function costFieldsWithCount(
  sums: CostSums,
  isEstimated: boolean,
): CostFields & { unpriced_interaction_count?: number } {
  const fields = costFieldsOf(sums, isEstimated);
  return fields.cost_completeness === undefined || sums.unpriced_calls === 0
    ? fields
    : { ...fields, unpriced_interaction_count: sums.unpriced_calls };
}
