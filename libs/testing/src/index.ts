export { startModelServer, type ModelServer, type RecordedRequest } from './model-server/model-server.js';
export type { DialectName } from './model-server/dialects/dialect.js';
export {
  mentions,
  type ChatRequestBody,
  type ChatRequestMessage,
  type ModelScript,
  type ModelTurn,
  type ScriptedError,
  type ScriptedToolCall,
  type ScriptedUsage,
} from './model-server/model-script.js';
export { ToolRuns, type RecordedTool, type ToolRun } from './tool-server/tool-runs.js';
export { startSlackServer, type SlackCall, type SlackServer, type SlackTrouble } from './slack-server/slack-server.js';
export type { SlackMessage } from './slack-server/slack-workspace.js';
export { startTraceCollector, type TraceCollector } from './trace-collector/trace-collector.js';
export type { CollectedSpan, SpanValue } from './trace-collector/otlp.js';
export { eventuallyWithin, lastAnswer, type WaitingOptions } from './waiting/waiting.js';
