import { z } from 'zod';
import { positiveDurationSchema } from './primitives.js';

/** What one session may use up. What is over it concludes with what it has. */
export const budgetSchema = z.looseObject({
  max_tokens: z.int('must be a whole number').positive('must be positive').optional().describe('Input and output tokens of all its model calls.'), // prettier-ignore
  max_cost_usd: z.number().positive('must be positive').optional().describe('Estimated cost, where prices are known.'),
  max_tool_calls: z.int('must be a whole number').positive('must be positive').optional().describe('Calls of tools.'),
  max_wall_time: positiveDurationSchema.optional().describe('Time since it began.'),
});
export type BudgetEntry = z.output<typeof budgetSchema>;
