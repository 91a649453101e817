import { z } from 'zod';
import { costCompletenessSchema } from './sessions.js';

const timestamp = z.iso.datetime();
const count = z.int().nonnegative();
const tokens = { input_tokens: count, output_tokens: count, total_tokens: count };
const costs = { estimated_cost_usd: z.number().nonnegative().optional(), average_cost_usd: z.number().nonnegative().optional() }; // prettier-ignore
const ofSessions = { session_count: count, total_tokens: count, ...costs };

export const usageRankingSchema = z.enum(['cost', 'tokens']);
export type UsageRanking = z.infer<typeof usageRankingSchema>;

/** What the sessions of a time used, by model, alert type and chain. Cost fields are absent where estimation is off. */
export const usageSummarySchema = z.object({
  cost_estimation_enabled: z.boolean(),
  window: z.object({ start: timestamp, end: timestamp }),
  rank_by: usageRankingSchema,
  totals: z.object({
    session_count: count,
    ...tokens,
    ...costs,
    cost_completeness: costCompletenessSchema.optional(),
    unpriced_interaction_count: count.optional(),
    unpriced_token_count: count.optional(),
  }),
  by_model: z.array(
    z.object({
      model_name: z.string(),
      session_count: count,
      ...tokens,
      ...costs,
      priced: z.boolean().optional(),
      unpriced_interaction_count: count.optional(),
    }),
  ),
  by_alert_type: z.array(z.object({ alert_type: z.string(), ...ofSessions })),
  by_chain: z.array(z.object({ chain_id: z.string(), ...ofSessions })),
  /** At most 20. */
  top_sessions: z.array(
    z.object({
      session_id: z.uuid(),
      alert_type: z.string().nullable(),
      chain_id: z.string(),
      total_tokens: count,
      estimated_cost_usd: z.number().nonnegative().optional(),
      cost_completeness: costCompletenessSchema.optional(),
      created_at: timestamp,
    }),
  ),
});
export type UsageSummary = z.infer<typeof usageSummarySchema>;
