import {
  startModelServer,
  type DialectName,
  type ModelServer,
  type ModelTurn,
  type RecordedRequest,
} from '@tarsy/testing';
import type { LanguageModel, LanguageModelEvent, LanguageModelRequest } from '../language-model.js';
import type { Subject } from './subjects.fixture.js';

/** One promise that every adapter keeps: a row of the table. */
export interface ConformanceCase {
  readonly feature: string;
  /** Where the vendor's API has no way to say it, and why. */
  readonly absent?: Readonly<Partial<Record<DialectName, string>>>;
  run(trial: Trial): Promise<void>;
}

export const NEVER = new AbortController().signal;

/** A subject, and a server that plays its vendor. */
export class Trial {
  private constructor(
    readonly subject: Subject,
    readonly server: ModelServer,
    readonly model: LanguageModel,
  ) {}

  static async start(subject: Subject): Promise<Trial> {
    const server = await startModelServer();
    return new Trial(subject, server, subject.modelAt(server));
  }

  /** What the vendor answers to the calls that follow. */
  play(...turns: ModelTurn[]): void {
    this.server.script({ name: 'script', turns });
  }

  async call(request: Partial<LanguageModelRequest> = {}, signal = NEVER, model = this.model): Promise<Answer> {
    const events: LanguageModelEvent[] = [];
    for await (const event of model.stream(requestOf(request), signal)) events.push(event);
    return new Answer(events);
  }

  /** The request number `count`, from 1. */
  async request(count = 1): Promise<RecordedRequest> {
    return await this.server.request('script', count);
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}

export function requestOf(changes: Partial<LanguageModelRequest>): LanguageModelRequest {
  return {
    executionId: 'e1',
    messages: [
      { role: 'system', content: 'You find causes.' },
      { role: 'user', content: 'What is wrong?' },
    ],
    tools: [],
    interactionType: 'iteration',
    ...changes,
  };
}

export const DISK_TOOL = {
  name: 'host__disk_usage',
  description: 'Shows how full disks are.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
  readOnly: true,
};

/** What came of a call. */
export class Answer {
  constructor(readonly events: readonly LanguageModelEvent[]) {}

  get text(): string {
    return this.#joined('text-delta');
  }

  get thinking(): string {
    return this.#joined('thinking-delta');
  }

  get toolCalls(): (LanguageModelEvent & { type: 'tool-call' })[] {
    return this.events.filter((event) => event.type === 'tool-call');
  }

  get finish(): LanguageModelEvent & { type: 'finish' } {
    const last = this.events.at(-1);
    if (last?.type !== 'finish') throw new Error('the answer has no end');
    return last;
  }

  #joined(type: 'text-delta' | 'thinking-delta'): string {
    return this.events.map((event) => (event.type === type ? event.text : '')).join('');
  }
}
