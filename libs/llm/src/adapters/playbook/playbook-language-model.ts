import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../../language-model.js';
import type { LanguageModelFactory } from '../../language-model-factory.js';
import { answerQuestion } from './answer-question.js';
import { choosePlaybook } from './choose-playbook.js';
import { condense } from './executive-summary.js';
import { loadPlaybooks, playbookDirectory } from './load-playbooks.js';
import type { Playbook } from './playbook.schema.js';
import { progressOf } from './progress.js';
import { REPORT_LABEL, writeReport } from './report.js';

const PIECE_CHARACTERS = 120;
/** Playbooks are read once for each folder: a worker makes many models. */
const loaded = new Map<string, readonly Playbook[]>();

/**
 * The offline analyst: rules in YAML choose real tools by the alert and by what earlier tools returned, and write a report of it. It speaks the
 * port of a model and is none; its name says so wherever a model is named.
 */
class PlaybookLanguageModel extends LanguageModel {
  constructor(
    readonly provider: string,
    readonly model: string,
    private readonly playbooks: readonly Playbook[],
  ) {
    super();
  }

  async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    signal.throwIfAborted();
    if (request.interactionType === 'executive_summary') return yield* answer(condense(lastUserText(request)), signal);
    if (request.question !== undefined)
      return yield* answer(answerQuestion(request.question, lastUserText(request)), signal);
    const playbook = choosePlaybook(this.playbooks, request.alert ?? { type: '', data: '' });
    if (!playbook)
      return yield* answer(`${REPORT_LABEL}: no playbook fits this alert, and there is no general one.`, signal);
    const progress = progressOf(playbook, request);
    if (progress.ready.length === 0) return yield* answer(writeReport(playbook, progress), signal);
    yield {
      type: 'text-delta',
      text: `Playbook "${playbook.title}": ${progress.ready.map(({ step }) => step.checks).join('; ')}.`,
    };
    for (const { callId, tool, arguments: given } of progress.ready)
      yield { type: 'tool-call', vendorCallId: callId, name: tool, argumentsText: JSON.stringify(given) };
    yield { type: 'finish', stopReason: 'tool-calls', usage: null };
  }
}

/** @throws {InvalidPlaybookError} a playbook of the configuration can not be used */
export const createPlaybookLanguageModel: LanguageModelFactory = (reference, environment) => {
  const directory = playbookDirectory(environment['CONFIG_DIR']);
  const playbooks = loaded.get(directory) ?? loadPlaybooks(directory);
  loaded.set(directory, playbooks);
  return new PlaybookLanguageModel(reference.provider, reference.model, playbooks);
};

async function* answer(text: string, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
  for (let start = 0; start < text.length; start += PIECE_CHARACTERS) {
    signal.throwIfAborted();
    yield { type: 'text-delta', text: text.slice(start, start + PIECE_CHARACTERS) };
  }
  yield { type: 'finish', stopReason: 'stop', usage: null };
}

function lastUserText({ messages }: LanguageModelRequest): string {
  return messages.flatMap((message) => (message.role === 'user' ? [message.content] : [])).at(-1) ?? '';
}
