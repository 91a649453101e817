export { createDataSource, migrate, READER_ROLE, type DatabaseOptions } from './data-source.js';
export { AgentExecution } from './entities/agent-execution.entity.js';
export { AlertSession } from './entities/alert-session.entity.js';
export { LlmInteractionRow, McpInteractionRow, MessageRow, TimelineEventRow } from './entities/recorded.entity.js';
export { Stage } from './entities/stage.entity.js';
export { type SessionListFilter } from './readers/session-list.js';
export { storable } from './storable.js';
export type { UsageFilter } from './readers/usage-summary.js';
export { SessionsReader } from './readers/sessions-reader.js';
