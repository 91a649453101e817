import { TERMINAL_SESSION_STATUSES, type StageView } from '@tarsy/contracts';
import type { TimelineItem } from '#lib/live/timeline';
import type { ChainAgent, ChainStage } from '#lib/session/chain';

/** One question about a session that has ended, and what became of it. */
export interface ChatTurn {
  readonly stageId: string;
  readonly question: string;
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  readonly status: string;
  /** Its answer is still to come, or being written. */
  readonly isOpen: boolean;
  /** What is known of the answer by now; '' where there is none. */
  readonly answer: string;
  /** What the agents did on the way to the answer, in order. */
  readonly steps: readonly TimelineItem[];
  /** Who answers; undefined until it is known. */
  readonly agent: ChainAgent | undefined;
}

const ENDED: ReadonlySet<string> = new Set(TERMINAL_SESSION_STATUSES);

/**
 * The questions about a session, oldest first, from what is stored and what was told since.
 *
 * @param chatStages Ids of the stages that answer questions; one that was only told of is not among `views` yet.
 */
export function chatTurnsOf(
  chatStages: readonly string[],
  views: readonly StageView[],
  stages: readonly ChainStage[],
  items: readonly TimelineItem[],
): ChatTurn[] {
  const viewsById = new Map(views.map((view) => [view.id, view]));
  const stagesById = new Map(stages.map((stage) => [stage.id, stage]));
  const itemsById = Map.groupBy(items, ({ stageId }) => stageId);
  return chatStages
    .map((id) => turnOf(id, viewsById.get(id), stagesById.get(id), itemsById.get(id) ?? []))
    .filter((turn) => turn !== undefined)
    .sort((one, other) => one.askedAt.localeCompare(other.askedAt));
}

function turnOf(
  stageId: string,
  view: StageView | undefined,
  stage: ChainStage | undefined,
  items: readonly TimelineItem[],
): ChatTurn | undefined {
  const asked = items.find(({ type }) => type === 'user_question');
  const stored = view?.chat_message;
  if (!asked && !stored) return undefined;
  const agent = stage?.agents[0];
  const { answer, steps } = answered(items, agent?.executionId ?? asked?.executionId, agent?.errorMessage);
  const status = stage?.status ?? 'active';
  return {
    stageId,
    question: stored?.content ?? asked!.content,
    author: stored?.author ?? String(asked!.metadata['author'] ?? ''),
    askedAt: stored?.created_at ?? asked!.createdAt,
    status,
    isOpen: !ENDED.has(status),
    answer: answer?.content ?? stored?.answer ?? '',
    steps,
    agent,
  };
}

/** What comes before an answer, or after it when it broke off. */
const NO_ANSWER: ReadonlySet<TimelineItem['type']> = new Set(['llm_thinking', 'user_question', 'error']);

/**
 * The answer is the final analysis of whoever was asked; until it is there, the text that is being written. What turns out to be no more
 * than a remark before a tool call becomes a step like others.
 */
function answered(
  items: readonly TimelineItem[],
  executionId: string | undefined,
  /** Said of the whole turn, so that it is no step too. */
  errorMessage: string | null | undefined,
): { answer: TimelineItem | undefined; steps: TimelineItem[] } {
  const own = items.filter((item) => item.executionId === executionId);
  const final = own.findLast(({ type }) => type === 'final_analysis');
  const last = own.findLast(({ type }) => !NO_ANSWER.has(type));
  const answer = final ?? (last?.type === 'llm_response' ? last : undefined);
  const steps = items.filter(
    (item) =>
      item !== answer &&
      item.type !== 'user_question' &&
      !(item.type === 'error' && item.content === errorMessage) &&
      !(item.type === 'llm_response' && item.content.trim() === (answer?.content.trim() ?? '')),
  );
  return { answer, steps };
}
