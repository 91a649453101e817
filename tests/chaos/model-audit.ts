import type { SessionLogMessage } from '@tarsy/messaging';
import type { ChatRequestBody } from '@tarsy/testing';
import type { ChaosSystem } from './chaos-system.js';
import { doubled, lost, type Finding } from './finding.js';

/** Executions with the same prompt, which their requests do not tell apart: replicas, most often one alone. */
interface Voice {
  readonly prompt: readonly string[];
  /** When each execution stored its turns, by the number of the turn. */
  readonly storedAtMs: readonly ReadonlyMap<number, number>[];
}

function voicesOf(log: readonly SessionLogMessage[]): Voice[] {
  const executions = Map.groupBy(
    log.flatMap((message) => (message.kind === 'journal' ? [message] : [])),
    ({ entry }) => entry.executionId,
  );
  const voices = [...executions.values()].map((messages) => ({
    prompt: messages.flatMap(({ entry }) => (entry.type === 'prompted' ? entry.messages.map(({ content }) => content) : [])), // prettier-ignore
    storedAtMs: new Map(
      messages.flatMap(({ entry, publishedAt }) =>
        entry.type === 'turn' ? [[entry.turn, publishedAt.getTime()]] : [],
      ),
    ),
  }));
  return [...Map.groupBy(voices, ({ prompt }) => JSON.stringify(prompt)).values()].map((same) => ({
    prompt: same[0]!.prompt,
    storedAtMs: same.map(({ storedAtMs }) => storedAtMs),
  }));
}

const speaks = ({ prompt }: Voice, { messages }: ChatRequestBody): boolean =>
  prompt.every((content, index) => messages[index]?.content === content);

/** A turn that is in the journal must not be asked for again, and none more often than workers died over it. */
export function modelProblems(
  { model }: ChaosSystem,
  log: readonly SessionLogMessage[],
  marker: string,
  workersKilled: number,
): Finding[] {
  const voices = voicesOf(log);
  const counts = new Map<string, number>();
  return model.requestsOf(marker).flatMap(({ body, receivedAtMs }) => {
    const index = voices.findIndex((each) => speaks(each, body));
    const executions = voices[index]?.storedAtMs;
    if (executions === undefined) return [lost('a request was made with a prompt that is in no journal')];
    const turn = body.messages.filter(({ role }) => role === 'assistant').length + 1;
    const count = (counts.get(`${index}:${turn}`) ?? 0) + 1;
    counts.set(`${index}:${turn}`, count);
    const latest = Math.max(...executions.map((stored) => stored.get(turn) ?? Infinity));
    if (receivedAtMs > latest)
      return [doubled(`turn ${turn} was requested ${receivedAtMs - latest} ms after it was journaled`)];
    if (count > executions.length * (1 + workersKilled))
      return [doubled(`turn ${turn} of ${executions.length} executions was requested ${count} times`)];
    return [];
  });
}
