import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { subjects } from '../subjects.js';

/** One tool call that an agent wants. Published by agent-worker after its journal names it; consumed by mcp-broker. */
export const toolCallRequested = defineMessage({
  name: 'toolCallRequested',
  stream: 'TOOLCALLS',
  subject: (call) => subjects.toolCall(call.server),
  messageId: (call) => `${call.executionId}:${call.callId}:request`,
  schema: z.object({
    sessionId: z.uuid(),
    stageId: z.uuid(),
    executionId: z.uuid(),
    /** Unique in the execution and one subject token: `<turn>-<position>`. */
    callId: z.string().regex(/^[\w-]+$/),
    server: z.string(),
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    timeoutMs: z.int().positive(),
    requestedAt: z.iso.datetime(),
  }),
});
export type ToolCallRequested = z.infer<typeof toolCallRequested.schema>;

/**
 * - `ok`, `tool_error`: the tool answered; the second with MCP's `isError`.
 * - `not_found`: no such server or tool; the text lists what is available.
 * - `unavailable`: the server could not be reached; the tool did not run.
 * - `timeout`: no answer in time; the tool may have run.
 * - `unknown`: the broker stopped between request and answer, and the tool is not safe to repeat.
 */
export const toolCallOutcomeSchema = z.enum(['ok', 'tool_error', 'not_found', 'unavailable', 'timeout', 'unknown']);
export type ToolCallOutcome = z.infer<typeof toolCallOutcomeSchema>;

/** The one result of a tool call, on the session log; written with an expected last sequence of 0, so a second is refused. */
export const toolCallCompleted = defineMessage({
  name: 'toolCallCompleted',
  stream: 'SESSIONS',
  subject: (result) => subjects.toolResult(result.sessionId, result.executionId, result.callId),
  messageId: (result) => `${result.executionId}:${result.callId}:result`,
  notice: (result) => subjects.toolResultNotice(result.sessionId, result.executionId, result.callId),
  schema: z.object({
    sessionId: z.uuid(),
    stageId: z.uuid(),
    executionId: z.uuid(),
    callId: z.string(),
    server: z.string(),
    tool: z.string(),
    outcome: toolCallOutcomeSchema,
    /** True unless `outcome` is `ok`. */
    isError: z.boolean(),
    /** Masked UTF-8 text as the model reads it. */
    content: z.string(),
    durationMs: z.number().nonnegative(),
    completedAt: z.iso.datetime(),
  }),
});
export type ToolCallCompleted = z.infer<typeof toolCallCompleted.schema>;
