import { z } from 'zod';
import {
  sessionStatusSchema,
  stageTypeSchema,
  terminalStatusSchema,
  timelineEventTypeSchema,
  timelineStatusSchema,
} from '../enumerations.js';

const base = {
  session_id: z.uuid(),
  /** RFC 3339, UTC. */
  timestamp: z.iso.datetime(),
  /**
   * Cursor of a stored event: grows along the session and differs for every event, so a client resumes and de-duplicates
   * by it alone. Absent from events that are not stored.
   */
  db_event_id: z.int().positive().optional(),
};

/** Everything that a viewer of a session is told, over WebSocket and SSE alike. */
export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('timeline_event.created'),
    event_id: z.uuid(),
    stage_id: z.uuid().optional(),
    execution_id: z.uuid().optional(),
    parent_execution_id: z.uuid().optional(),
    event_type: timelineEventTypeSchema,
    status: timelineStatusSchema,
    content: z.string(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    sequence_number: z.int(),
  }),
  z.object({
    ...base,
    type: z.literal('timeline_event.completed'),
    event_id: z.uuid(),
    parent_execution_id: z.uuid().optional(),
    event_type: timelineEventTypeSchema,
    content: z.string(),
    status: timelineStatusSchema,
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({ ...base, type: z.literal('session.status'), status: sessionStatusSchema }),
  z.object({
    ...base,
    type: z.literal('stage.status'),
    stage_id: z.uuid(),
    stage_name: z.string(),
    stage_index: z.int().positive(),
    stage_type: stageTypeSchema,
    referenced_stage_id: z.uuid().optional(),
    status: z.enum(['started', 'paused', ...terminalStatusSchema.options]),
  }),
  /** The first question about a session; the question itself is a `user_question` of the timeline. */
  z.object({ ...base, type: z.literal('chat.created'), chat_id: z.uuid(), created_by: z.string() }),
  z.object({
    ...base,
    type: z.literal('interaction.created'),
    stage_id: z.uuid().optional(),
    execution_id: z.uuid().optional(),
    interaction_id: z.uuid(),
    interaction_type: z.enum(['llm', 'mcp']),
  }),
  z.object({
    ...base,
    type: z.literal('stream.chunk'),
    event_id: z.uuid(),
    parent_execution_id: z.uuid().optional(),
    /** Deltas of one event are concatenated; a new `timeline_event.created` of the same event starts its text again. */
    delta: z.string(),
    /** UTF-16 code units of the event's text before `delta`. */
    offset: z.int().nonnegative(),
  }),
  z.object({
    ...base,
    type: z.literal('session.progress'),
    current_stage_name: z.string(),
    current_stage_index: z.int().positive(),
    total_stages: z.int().positive(),
    active_executions: z.int().nonnegative(),
    status_text: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal('execution.status'),
    stage_id: z.uuid(),
    execution_id: z.uuid(),
    parent_execution_id: z.uuid().optional(),
    agent_index: z.int().positive(),
    status: z.enum(['active', 'paused', ...terminalStatusSchema.options]),
    error_message: z.string().optional(),
  }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;
export type LiveEventOf<Type extends LiveEvent['type']> = Extract<LiveEvent, { type: Type }>;

/** In place of an event of more than {@link LARGEST_SOCKET_EVENT_BYTES} bytes on a WebSocket; the rest is read over REST. */
export const truncatedEventSchema = z.object({
  type: z.string(),
  event_id: z.uuid().optional(),
  session_id: z.uuid(),
  truncated: z.literal(true),
  db_event_id: z.int().positive().optional(),
});
export type TruncatedEvent = z.infer<typeof truncatedEventSchema>;
export const LARGEST_SOCKET_EVENT_BYTES = 7_900;

/** What a client may send over the WebSocket. Anything else is ignored. */
export const socketRequestSchema = z.object({
  action: z.enum(['subscribe', 'unsubscribe', 'catchup', 'ping']),
  /** `sessions`, or `session:<id>`. */
  channel: z.string().optional(),
  last_event_id: z.int().nonnegative().optional(),
});
export type SocketRequest = z.infer<typeof socketRequestSchema>;

/** What the server sends over the WebSocket beside the events themselves. */
export type SocketReply =
  | { type: 'connection.established'; connection_id: string }
  | { type: 'subscription.confirmed'; channel: string }
  | { type: 'subscription.error'; channel: string; message: string }
  | { type: 'error'; message: string }
  | { type: 'pong' }
  | { type: 'catchup.overflow'; channel: string; has_more: true };
