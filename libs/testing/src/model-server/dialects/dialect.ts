import type { ModelTurn, ScriptedUsage } from '../model-script.js';

/** Part of a body on the wire. */
export type Fields = Readonly<Record<string, unknown>>;

/** One server-sent event. */
export interface Frame {
  readonly event?: string;
  readonly data: unknown;
}

/** What of a request the frames of its answer depend on. */
export interface AnswerContext {
  readonly turn: ModelTurn;
  readonly model: string;
  /** Which request of its script this is, from 0. */
  readonly index: number;
}

/** How one vendor's API says the same things. */
export interface Dialect {
  readonly name: DialectName;
  /** Whether requests to this path speak it. */
  serves(path: string): boolean;
  modelOf(path: string, body: Fields): string;
  opening(context: AnswerContext): readonly Frame[];
  /** One frame for each piece of content. */
  content(context: AnswerContext): readonly Frame[];
  /** Why it ended, and what it cost. */
  closing(context: AnswerContext): readonly Frame[];
  /** Why the vendor would refuse a request, where this server knows. */
  complaintAbout?(body: Fields): string | undefined;
  errorInStream(error: Fields): Frame;
  errorBody(status: number, error: Fields): unknown;
  /** Text after the last frame. */
  readonly end: string;
  readonly lineEnd: '\n' | '\r\n';
}

export type DialectName = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

export const DEFAULT_USAGE: ScriptedUsage = { inputTokens: 100, outputTokens: 20 };
export const DEFAULT_PIECES = 3;

/** Cuts a text into about that many pieces; none for an empty one. */
export function split(text: string, pieces: number): string[] {
  if (text === '') return [];
  const size = Math.max(1, Math.ceil(text.length / pieces));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, part) => text.slice(part * size, (part + 1) * size));
}

export function argumentsTextOf({ arguments: value }: { readonly arguments: unknown }): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function idOf({ id }: { readonly id?: string | null }, index: number, position: number): string | null {
  return id === undefined ? `call_${index}_${position}` : id;
}
