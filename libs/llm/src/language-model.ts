import type { LlmInteractionType, NativeToolUse, RequestedToolCall, TokenUsage, VendorState } from '@tarsy/contracts';

/** One tool call as it stands in the conversation. */
export type ConversationToolCall = RequestedToolCall;

/** One message of the conversation with a model, in the words of no vendor. */
export type ConversationMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly thinking?: string;
      readonly toolCalls: readonly ConversationToolCall[];
      /** As it came with the answer; a model that did not make it leaves it out. */
      readonly vendorState?: VendorState;
    }
  | {
      readonly role: 'tool';
      /** Id of the call in the execution; `vendorCallId` is the vendor's own. */
      readonly callId: string;
      readonly vendorCallId: string;
      /** As the model named it, such as `host__disk_usage`. */
      readonly name: string;
      readonly content: string;
      readonly isError: boolean;
    };

/** A tool that the model may call. */
export interface ToolDefinition {
  /** `server__tool`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** The server promises that a call changes nothing. */
  readonly readOnly: boolean;
}

export interface LanguageModelRequest {
  readonly executionId: string;
  readonly messages: readonly ConversationMessage[];
  /** Empty: the model must answer with text. */
  readonly tools: readonly ToolDefinition[];
  /** What the answer is for; recorded with it. */
  readonly interactionType: LlmInteractionType;
  /** The alert as data, for providers that do not read prose; masked and untrusted. */
  readonly alert?: { readonly type: string; readonly data: string };
  /** What a person asked, where that is what the answer is for; for providers that do not read prose. */
  readonly question?: string;
}

/** A piece of an answer. `finish` comes exactly once, last. A delta may be empty: a sign of life, such as arguments that arrive. */
export type LanguageModelEvent =
  | { readonly type: 'thinking-delta'; readonly text: string }
  | { readonly type: 'text-delta'; readonly text: string }
  | {
      readonly type: 'tool-call';
      /** The vendor's id, or one made up where the vendor gives none; unique in the answer. */
      readonly vendorCallId: string;
      readonly name: string;
      /** As received; may be empty, or no JSON at all. */
      readonly argumentsText: string;
    }
  | { readonly type: 'native-tool'; readonly use: NativeToolUse }
  | {
      readonly type: 'finish';
      readonly stopReason: StopReason;
      readonly usage: TokenUsage | null;
      /** What was wrong with the form of the answer, for the model to read; it holds nothing to go on with. */
      readonly formatFeedback?: string;
      /** To be sent back with the answer in the next call. */
      readonly vendorState?: VendorState;
    };

export type StopReason = 'stop' | 'tool-calls' | 'length' | 'content-filter' | 'other';

/**
 * One model behind one way to call it. An implementation neither retries nor limits time: decorators do.
 *
 * `stream` throws {@link LanguageModelError}s, while it starts or in the middle of it; when `signal` aborts it throws the signal's
 * reason and the call to the vendor is closed. Stopping to read (`break`) closes it too.
 */
export abstract class LanguageModel {
  /** Name in `llm_providers`. */
  abstract readonly provider: string;
  /** Name of the model, as people read it. */
  abstract readonly model: string;
  abstract stream(request: LanguageModelRequest, signal: AbortSignal): AsyncIterable<LanguageModelEvent>;
}
