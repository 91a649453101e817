/** One answer of the scripted model, in the order a reader sees its parts. Everything may be left out. */
export interface ModelTurn {
  readonly thinking?: string;
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** What the model says instead of an answer; for Gemini the reason why the prompt was blocked. */
  readonly refusal?: string;
  /** Opaque proof of the thinking, which the vendor wants back; without `thinking` the thinking is hidden. */
  readonly signature?: string;
  /** Gemini: parts of tools that the vendor ran itself, before the text. */
  readonly nativeParts?: readonly Readonly<Record<string, unknown>>[];
  /** Gemini: fields beside the content, such as `groundingMetadata`. */
  readonly nativeMetadata?: Readonly<Record<string, unknown>>;
  /** Null sends no usage. Default: 100 in, 20 out. */
  readonly usage?: ScriptedUsage | null;
  /** In the words of the vendor. Default: what it says for an ordinary end. Null leaves it out. */
  readonly finishReason?: string | null;
  /** In how many chunks each text and each argument text is sent. Default 3. */
  readonly pieces?: number;
  /** Key under which thinking travels. Default `reasoning_content`. */
  readonly thinkingKey?: 'reasoning_content' | 'reasoning';
  /** Sends so many bytes at a time, whatever they cut in two. Default: whole events. */
  readonly bytesPerWrite?: number;
  /** Pause before each chunk of content. Default 0. */
  readonly chunkDelayMs?: number;
  /** Awaited before anything is answered. */
  readonly beforeAnswer?: Promise<unknown>;
  /** Awaited once that many chunks of content were sent. */
  readonly gate?: ModelGate;
  /** More of them. */
  readonly gates?: readonly ModelGate[];
  /** The connection breaks after that many chunks of content. */
  readonly breakAfterChunks?: number;
  /** Nothing more comes after that many chunks of content; the connection stays open. */
  readonly stallAfterChunks?: number;
  /** Answers with this instead. */
  readonly error?: ScriptedError;
  /** An error object within the stream, after the content. */
  readonly errorInStream?: Readonly<Record<string, unknown>>;
}

export interface ModelGate {
  readonly afterChunks: number;
  readonly until: Promise<unknown>;
}

export interface ScriptedToolCall {
  /** Default `call_<turn>_<position>`; null sends none. */
  readonly id?: string | null;
  readonly name: string;
  /** An object is sent as JSON. */
  readonly arguments: string | Readonly<Record<string, unknown>>;
}

export interface ScriptedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly thinkingTokens?: number;
  readonly cachedInputTokens?: number;
  /** Anthropic: part of the input that was written to the cache. */
  readonly cacheWriteInputTokens?: number;
}

export interface ScriptedError {
  readonly status: number;
  /** Body of `{"error": …}`. */
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers for the conversations that `matches` recognises. */
export interface ModelScript {
  /** For assertions and messages; unique on one server. */
  readonly name: string;
  /** Which requests are meant. Default: all of them. The first script that matches answers. */
  readonly matches?: (body: ChatRequestBody) => boolean;
  /** One per request in the order they come, or chosen by request; the index counts from 0. */
  readonly turns: readonly ModelTurn[] | ((body: ChatRequestBody, index: number) => ModelTurn);
}

/** What of a request body scripts and assertions look at; typed as chat completions send it, other APIs have other fields. */
export interface ChatRequestBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly ChatRequestMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly [key: string]: unknown;
}

export interface ChatRequestMessage {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[];
  readonly tool_call_id?: string;
}

/** Matches conversations in which `text` occurs anywhere, such as a marker in the alert. Whatever API they are held in. */
export function mentions(text: string): (body: ChatRequestBody) => boolean {
  const written = JSON.stringify(text).slice(1, -1);
  return ({ tools: _tools, ...body }) => JSON.stringify(body).includes(written);
}
