import type { ChatContext } from '@tarsy/contracts';
import type { AlertSession } from '@tarsy/persistence';
import { optional, type StoredStage } from '../stages/stage-records.js';

/**
 * What an answer knows: the investigation, its summary and the questions before. Actions are left out, as they are no evidence.
 *
 * @param before Stages before the answer's, in order.
 * @param histories What executions did, by id, where their journals do not tell any more.
 */
export function chatContextOf(
  { executiveSummary }: AlertSession,
  { question }: StoredStage,
  before: readonly StoredStage[],
  histories: ReadonlyMap<string, string>,
): ChatContext | undefined {
  if (!question) return undefined;
  return {
    question: question.content,
    author: question.author,
    askedAt: question.createdAt.toISOString(),
    stages: before.filter(isInvestigation).map(({ row, stageType, status, executions }) => ({
      name: row.stageName,
      type: stageType,
      status,
      executions: executions.map((execution) => ({
        executionId: execution.id,
        agentName: execution.agentName,
        status: execution.status,
        ...optional('result', execution.result),
        ...optional('errorMessage', execution.errorMessage),
        ...optional('history', histories.get(execution.id)),
      })),
    })),
    ...optional('executiveSummary', executiveSummary),
    earlier: before.flatMap(({ question: asked, result }) =>
      asked ? [{ question: asked.content, author: asked.author, ...optional('answer', result) }] : [],
    ),
  };
}

export const isInvestigation = ({ stageType }: StoredStage): boolean =>
  stageType === 'investigation' || stageType === 'synthesis';
