import {
  argumentsTextOf,
  DEFAULT_PIECES,
  DEFAULT_USAGE,
  split,
  type AnswerContext,
  type Dialect,
  type Fields,
  type Frame,
} from './dialect.js';
import { complaintAbout } from './gemini-rules.js';

/** `streamGenerateContent` of the Gemini API and of Vertex AI: every event is a whole response with some parts. */
export const gemini: Dialect = {
  name: 'gemini',
  end: '',
  lineEnd: '\r\n',
  serves: (path) => path.endsWith(':streamGenerateContent'),
  modelOf: (path) => /models\/([^/:]+):/.exec(path)?.[1] ?? '',
  opening: () => [],
  content: (context) => [
    ...partsOf(context).map((part) => response(context, { candidates: [{ index: 0, content: contentOf([part]) }] })),
    ...(context.turn.nativeMetadata === undefined
      ? []
      : [response(context, { candidates: [{ index: 0, content: contentOf([]), ...context.turn.nativeMetadata }] })]),
  ],
  closing: (context) => {
    const { refusal, finishReason = 'STOP', usage = DEFAULT_USAGE } = context.turn;
    const counted = usage === null ? {} : { usageMetadata: usageOf(usage) };
    if (refusal !== undefined) return [response(context, { promptFeedback: { blockReason: refusal }, ...counted })];
    if (finishReason === null) return [];
    const candidate = { index: 0, content: contentOf([{ text: '' }]), finishReason };
    return [response(context, { candidates: [candidate], ...counted })];
  },
  complaintAbout,
  errorInStream: (error) => ({ data: { error: { code: 503, status: 'UNAVAILABLE', ...error } } }),
  errorBody: (status, error) => ({ error: { code: status, status: STATUSES[status] ?? 'UNKNOWN', ...error } }),
};

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

function partsOf({ turn, index }: AnswerContext): Fields[] {
  const { thinking, text, signature, toolCalls = [], nativeParts = [], pieces = DEFAULT_PIECES } = turn;
  return [
    ...split(thinking ?? '', pieces).map((piece) => ({ text: piece, thought: true })),
    ...nativeParts,
    ...split(text ?? '', pieces).map((piece) => ({ text: piece })),
    ...toolCalls.map((call, position) => ({
      functionCall: {
        name: call.name,
        args: objectOf(argumentsTextOf(call)),
        ...(typeof call.id === 'string' ? { id: call.id } : {}),
      },
      // The API signs the first call of an answer only.
      ...(signature !== undefined && position === 0 ? { thoughtSignature: signature } : {}),
    })),
    ...(signature !== undefined && toolCalls.length === 0 ? [{ text: '', thoughtSignature: signature, index }] : []),
  ];
}

/** Arguments are an object on this wire; text that is none can not be said. */
function objectOf(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return {};
  }
}

const contentOf = (parts: readonly Fields[]): Fields => ({ role: 'model', parts });

function response({ model, index }: AnswerContext, fields: Fields): Frame {
  return { data: { modelVersion: model, responseId: `response-${index}`, ...fields } };
}

/** Thoughts are counted beside the answer, and what was cached is part of the prompt. */
function usageOf(usage: NonNullable<AnswerContext['turn']['usage']>): Fields {
  const { inputTokens, outputTokens, thinkingTokens = 0, cachedInputTokens = 0 } = usage;
  return {
    promptTokenCount: inputTokens,
    cachedContentTokenCount: cachedInputTokens,
    candidatesTokenCount: outputTokens - thinkingTokens,
    thoughtsTokenCount: thinkingTokens,
    totalTokenCount: inputTokens + outputTokens,
  };
}
