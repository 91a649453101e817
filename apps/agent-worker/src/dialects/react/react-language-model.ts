import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest, type StopReason } from '@tarsy/llm';
import type { TokenUsage } from '@tarsy/contracts';
import { asReactConversation } from './react-conversation.js';
import { ReactReader, type VisiblePiece } from './react-reader.js';
import { interpretReply } from './react-reply.js';
import { ToolNameLookup } from './tool-name-lookup.js';

/**
 * Gives a model without function calling the port of one that has it: tools are described in the prompt, and its text is read as
 * Thought / Action / Action Input / Final Answer. A request without tools is passed on in plain text.
 */
export class ReactLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;

  constructor(private readonly inner: LanguageModel) {
    super();
    this.provider = inner.provider;
    this.model = inner.model;
  }

  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    const plain = { ...request, messages: asReactConversation(request.messages, request.tools), tools: [] };
    const reply = new Reply(request);
    for await (const event of this.inner.stream(plain, signal)) {
      switch (event.type) {
        case 'thinking-delta':
          yield* reply.think(event.text);
          break;
        case 'text-delta':
          yield* reply.write(event.text);
          break;
        case 'finish':
          return yield* reply.end(event.stopReason, event.usage);
        case 'native-tool':
          yield event;
          break;
        case 'tool-call':
          break;
      }
      // Leaving the loop closes the call: the rest would be made up. What it cost so far nobody says.
      if (reply.inventsObservation) break;
    }
    yield* reply.end('stop', null);
  }
}

/** Enough of a reply to see whether it begins with a marker. */
const OPENING_CHARACTERS = 16;
const OPENING_MARKER = /^[\s>#*_`]*(thought|final answer)[*_ ]*:/i;

/** One reply while it comes. */
class Reply {
  readonly #tools: ToolNameLookup;
  readonly #reader: ReactReader;
  readonly #callId: string;
  /** No form was demanded, and none is kept: all of it is the answer. Undefined as long as that is open. */
  #isPlain: boolean | undefined;
  #opening = '';
  #hasVendorThinking = false;

  constructor({ tools, messages }: LanguageModelRequest) {
    this.#tools = new ToolNameLookup(tools);
    this.#reader = new ReactReader(this.#tools);
    this.#callId = `react_${messages.length}`;
    this.#isPlain = tools.length > 0 ? false : undefined;
  }

  get inventsObservation(): boolean {
    return this.#reader.inventsObservation;
  }

  *think(text: string): Generator<LanguageModelEvent> {
    this.#hasVendorThinking ||= text !== '';
    yield { type: 'thinking-delta', text };
  }

  *write(text: string): Generator<LanguageModelEvent> {
    if (this.#isPlain === undefined) {
      this.#opening += text;
      if (this.#opening.trim().length < OPENING_CHARACTERS) return yield { type: 'text-delta', text: '' };
      return yield* this.#writeOpening();
    }
    if (this.#isPlain) return yield { type: 'text-delta', text };
    // An empty delta is a sign of life: a part of the reply that nobody sees.
    yield { type: 'text-delta', text: '' };
    yield* this.#show(this.#reader.push(text));
  }

  *end(stopReason: StopReason, usage: TokenUsage | null): Generator<LanguageModelEvent> {
    if (this.#isPlain === undefined) yield* this.#writeOpening();
    if (this.#isPlain) return yield { type: 'finish', stopReason, usage };
    yield* this.#show(this.#reader.finish());
    const { sections } = this.#reader;
    if (this.#tools.isEmpty) {
      if (!sections.final && sections.thought) yield { type: 'text-delta', text: sections.thought };
      return yield { type: 'finish', stopReason, usage };
    }
    yield* this.#interpret(stopReason, usage);
  }

  *#writeOpening(): Generator<LanguageModelEvent> {
    this.#isPlain = !OPENING_MARKER.test(this.#opening);
    yield* this.write(this.#opening);
  }

  *#interpret(stopReason: StopReason, usage: TokenUsage | null): Generator<LanguageModelEvent> {
    const reply = interpretReply(this.#reader.sections, this.#tools);
    switch (reply.kind) {
      case 'call': {
        const { name, argumentsText } = reply;
        yield { type: 'tool-call', vendorCallId: this.#callId, name, argumentsText };
        return yield { type: 'finish', stopReason: 'tool-calls', usage };
      }
      case 'malformed':
        return yield { type: 'finish', stopReason, usage, formatFeedback: reply.feedback };
      case 'answer':
        if (reply.late !== undefined) yield { type: 'text-delta', text: reply.late };
        return yield { type: 'finish', stopReason, usage };
      case 'blank':
        return yield { type: 'finish', stopReason, usage };
    }
  }

  *#show(pieces: readonly VisiblePiece[]): Generator<LanguageModelEvent> {
    for (const { part, text } of pieces) {
      const gap = part === 'thinking' && this.#hasVendorThinking ? '\n\n' : '';
      if (part === 'thinking') this.#hasVendorThinking = false;
      yield { type: `${part}-delta`, text: `${gap}${text}` };
    }
  }
}
