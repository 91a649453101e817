import { z } from 'zod';

const timestamp = z.iso.datetime();

export const systemWarningsSchema = z.object({
  warnings: z.array(
    z.object({
      id: z.string(),
      category: z.enum(['mcp_health', 'configuration']),
      message: z.string(),
      details: z.string(),
      server_id: z.string().optional(),
      created_at: timestamp,
    }),
  ),
});
export type SystemWarnings = z.infer<typeof systemWarningsSchema>;

const entries = z.record(z.string(), z.record(z.string(), z.unknown()));
const settings = z.record(z.string(), z.unknown());

/** The configuration in effect with the keys of its files; secrets are `***` or left out. */
export const systemConfigurationSchema = z.object({
  defaults: settings,
  queue: settings,
  system: settings,
  agents: entries,
  chains: entries,
  mcp_servers: entries,
  llm_providers: entries,
  skills: z.record(z.string(), z.object({ name: z.string(), description: z.string() })),
});
export type SystemConfiguration = z.infer<typeof systemConfigurationSchema>;

export const skillViewSchema = z.object({ name: z.string(), description: z.string(), body: z.string() });
export type SkillView = z.infer<typeof skillViewSchema>;

export const mcpServersViewSchema = z.object({
  servers: z.array(
    z.object({
      id: z.string(),
      healthy: z.boolean(),
      last_check: timestamp,
      tool_count: z.int().nonnegative(),
      tools: z.array(z.object({ name: z.string(), description: z.string() })),
      error: z.string().nullable(),
    }),
  ),
});
export type McpServersView = z.infer<typeof mcpServersViewSchema>;

export const defaultToolsSchema = z.object({
  alert_type: z.string().optional(),
  mcp_servers: z.array(z.string()),
  native_tools: z.object({ google_search: z.boolean(), code_execution: z.boolean(), url_context: z.boolean() }),
});
export type DefaultTools = z.infer<typeof defaultToolsSchema>;

/** Every stream with what waits in it. */
export const queuesViewSchema = z.object({
  streams: z.array(
    z.object({
      name: z.string(),
      messages: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      consumers: z.array(
        z.object({
          name: z.string(),
          pending: z.int().nonnegative(),
          ack_pending: z.int().nonnegative(),
          redelivered: z.int().nonnegative(),
        }),
      ),
    }),
  ),
});
export type QueuesView = z.infer<typeof queuesViewSchema>;

/** Every process that has reported within the last 20 s. */
export const servicesViewSchema = z.object({
  services: z.array(
    z.object({
      app: z.string(),
      replica: z.string(),
      pid: z.int(),
      version: z.string(),
      started_at: timestamp,
      seen_at: timestamp,
      details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
});
export type ServicesView = z.infer<typeof servicesViewSchema>;

/** Messages that could not be handled, newest first. */
export const deadLettersViewSchema = z.object({
  dead_letters: z.array(
    z.object({
      /** Names the dead letter in `replay` and `discard`. */
      sequence: z.int().positive(),
      dead_at: timestamp,
      stream: z.string(),
      subject: z.string(),
      original_sequence: z.int().nonnegative(),
      message_id: z.string(),
      consumer: z.string(),
      attempts: z.int().nonnegative(),
      error_code: z.string(),
      error_message: z.string(),
      /** At most 16,384 characters. */
      body: z.string(),
      /** False for a stream that this version does not know. One from a log goes to its consumer alone. */
      can_replay: z.boolean(),
    }),
  ),
  /** Give this as `before` to read on; null at the end. */
  next_before: z.int().nullable(),
});
export type DeadLettersView = z.infer<typeof deadLettersViewSchema>;
