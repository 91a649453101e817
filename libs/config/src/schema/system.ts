import { z } from 'zod';
import { durationSchema, namesSchema, textSchema } from './primitives.js';

const rateSchema = z.number('must be a finite number').min(0, 'must be 0 or more').default(0);
const rates = {
  input_per_million: rateSchema.describe('USD for a million input tokens.'),
  output_per_million: rateSchema.describe('USD for a million output tokens.'),
};

const promotionSchema = z
  .looseObject({
    id: textSchema,
    model: textSchema,
    start: textSchema.describe('RFC 3339 or YYYY-MM-DD (UTC); absent: since ever.'),
    end: textSchema.describe('RFC 3339 or YYYY-MM-DD (UTC); not part of the window.'),
    ...rates,
  })
  .meta({ required: ['model', 'end'] });

export const systemSchema = z.looseObject({
  dashboard_url: textSchema.describe('Where people open the dashboard; links, CORS and WebSocket origin.'),
  allowed_ws_origins: namesSchema.default([]).describe('Further WebSocket origins (host globs).'),
  github: z
    .looseObject({
      token_env: z.string().default('GITHUB_TOKEN').describe('Environment variable that holds the token.'),
    }) // prettier-ignore
    .prefault({}),
  runbooks: z
    .looseObject({
      repo_url: textSchema.describe('GitHub tree address whose runbooks are listed.'),
      cache_ttl: textSchema.describe('How long a fetched runbook is kept; without it 1m.'),
      allowed_domains: namesSchema.default([]).describe('Hosts of runbook addresses; without it GitHub.'),
      allow_private_addresses: z.boolean().default(false).describe('Allow hosts with private addresses, such as an internal Git server.'), // prettier-ignore
    })
    .prefault({}),
  slack: z
    .looseObject({
      enabled: z.boolean().default(false),
      token_env: z.string().default('SLACK_BOT_TOKEN').describe('Environment variable that holds the token.'),
      channel: textSchema.describe('Channel id; required when enabled.'),
    })
    .prefault({}),
  cost_estimation: z
    .looseObject({
      enabled: z.boolean().default(true),
      model_rates: z.record(z.string(), z.looseObject(rates)).default({}).describe('Prices by model name.'),
      promotions: z.array(promotionSchema).default([]).describe('Prices for a time.'),
    })
    .prefault({}),
  retention: z
    .looseObject({
      session_retention_days: z.int('must be a whole number').default(365),
      event_ttl: durationSchema.default('1h'),
      cleanup_interval: durationSchema.default('12h'),
    })
    .prefault({}),
  holidays: z
    .array(z.looseObject({ date: textSchema.describe('MM-DD'), name: textSchema }))
    .default([])
    .describe('Days with reduced staffing; without it New Year and Christmas.'),
});
export type SystemEntry = z.output<typeof systemSchema>;
