export {
  LanguageModel,
  type ConversationMessage,
  type ConversationToolCall,
  type LanguageModelEvent,
  type LanguageModelRequest,
  type StopReason,
  type ToolDefinition,
} from './language-model.js';
export { type LanguageModelEnvironment, type LanguageModelFactory } from './language-model-factory.js';
export {
  CallTimeoutError,
  ContentRefusedError,
  ContextTooLongError,
  CredentialsError,
  FirstTokenTimeoutError,
  InvalidRequestError,
  LanguageModelError,
  PartialStreamError,
  ProviderBusyError,
  ProviderError,
  ProviderNotSupportedError,
  RateLimitedError,
  RetriesExhaustedError,
  StallTimeoutError,
  isTimeout,
  type BusyReason,
} from './language-model.errors.js';
export { checkModel, type ModelCheck } from './check-model.js';
export { createLanguageModel } from './create-language-model.js';
export { TimeLimitedLanguageModel, type TimeLimits } from './decorators/time-limited-language-model.js';
export { RetryingLanguageModel, type RetryOptions, type Sleep } from './decorators/retrying-language-model.js';
export { EmbeddingModel } from './embeddings/embedding-model.js';
export { createEmbeddingModel, type EmbeddingReference } from './embeddings/create-embedding-model.js';
