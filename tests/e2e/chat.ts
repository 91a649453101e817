import type { ChatAnswer, StageView } from '@tarsy/contracts';
import type { TestSystem } from './system.js';

/** Sends a question, whatever the answer is. */
export function postQuestion(system: TestSystem, sessionId: string, content: string): Promise<Response> {
  return fetch(`${system.url('stream-gateway')}/api/v1/sessions/${sessionId}/chat/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-user': 'ann' },
    body: JSON.stringify({ content }),
  });
}

/** @throws {Error} the question was not accepted */
export async function ask(system: TestSystem, sessionId: string, content: string): Promise<ChatAnswer> {
  const response = await postQuestion(system, sessionId, content);
  if (response.status !== 202) throw new Error(`the question was answered with ${response.status}: ${await response.text()}`); // prettier-ignore
  return (await response.json()) as ChatAnswer;
}

/** The stage that answers, once it has ended. Follows the live stream, which ends with the answer. */
export async function answered(system: TestSystem, sessionId: string, stageId: string): Promise<StageView> {
  const isEnd = (status: unknown): boolean => status !== 'started' && status !== 'active';
  await system.watch(sessionId, ({ data }) => data.type === 'stage.status' && data['stage_id'] === stageId && isEnd(data['status'])); // prettier-ignore
  const find = async (): Promise<StageView | undefined> =>
    (await system.get<{ stages: StageView[] }>(`/sessions/${sessionId}`)).stages.find(({ id }) => id === stageId);
  return (await system.eventually(find, (stage) => stage !== undefined && isEnd(stage.status)))!;
}
