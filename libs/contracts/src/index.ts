export { defineMessage, type MessageDefinition, type PayloadOf } from './define-message.js';
export {
  CLAIM_CHECK_BYTES,
  MINIMUM_SERVER_VERSION,
  PAYLOADS_OBJECT_STORE,
  STREAM_NAMES,
  STREAM_SETTINGS,
  type StreamName,
  type StreamSettings,
} from './streams.js';
export { subjectFilters, subjects } from './subjects.js';
export * from './enumerations.js';
export {
  alertAccepted,
  alertResolved,
  mcpSelectionSchema,
  type AlertAccepted,
  type AlertResolved,
  type McpSelection,
} from './messages/alerts.js';
export {
  agentKindSchema,
  agentSpecificationSchema,
  executionOutcome,
  modelReferenceSchema,
  taskScheduled,
  tokenUsageSchema,
  toolServerSelectionSchema,
  type AgentKind,
  type AgentSpecification,
  type ExecutionOutcome,
  type ModelReference,
  type TaskScheduled,
  type TokenUsage,
  type ToolServerSelection,
} from './messages/tasks.js';
export {
  toolCallCompleted,
  toolCallOutcomeSchema,
  toolCallRequested,
  type ToolCallCompleted,
  type ToolCallOutcome,
  type ToolCallRequested,
} from './messages/tool-calls.js';
export {
  admitSessions,
  cancelSession,
  commandReplySchema,
  expireSession,
  type AdmitSessions,
  type CancelSession,
  type CommandReply,
  type ExpireSession,
} from './messages/commands.js';
export {
  executionMailbox,
  journalEntrySchema,
  lifecycleEventSchema,
  mailboxMessageSchema,
  requestedToolCallSchema,
  sessionLifecycle,
  streamChunkSchema,
  type JournalEntry,
  type JournalEntryOf,
  type LifecycleEvent,
  type MailboxMessage,
  type RequestedToolCall,
  type StreamChunk,
} from './messages/session-log.js';
export {
  BUCKETS,
  serverHealth,
  servicePresence,
  toolCatalogue,
  toolDescriptionSchema,
  type BucketDefinition,
  type ServerHealth,
  type ServicePresence,
  type ToolCatalogueEntry,
  type ToolDescription,
} from './buckets.js';
