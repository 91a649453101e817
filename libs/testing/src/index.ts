export { startModelServer, type ModelServer, type RecordedRequest } from './model-server/model-server.js';
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
