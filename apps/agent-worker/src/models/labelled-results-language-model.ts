import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '@tarsy/llm';
import { fenced } from '../prompts/fenced.js';

/** Fences what tools returned, so that a model can tell it from what it is told; the system prompt says what the fence means. */
export class LabelledResultsLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;

  constructor(private readonly inner: LanguageModel) {
    super();
    this.provider = inner.provider;
    this.model = inner.model;
  }

  override stream(request: LanguageModelRequest, signal: AbortSignal): AsyncIterable<LanguageModelEvent> {
    const messages = request.messages.map((message) =>
      message.role === 'tool' ? { ...message, content: fenced('TOOL_RESULT', message.content) } : message,
    );
    return this.inner.stream({ ...request, messages }, signal);
  }
}
