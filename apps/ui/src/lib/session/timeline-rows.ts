import type { TimelineItem } from '#lib/live/timeline';
import type { ChainAgent, ChainStage } from './chain';

/** One line of the timeline as it is drawn: the beginning of a stage, or an event. */
export type TimelineRow =
  | { readonly kind: 'stage'; readonly key: string; readonly stage: ChainStage | undefined }
  | {
      readonly kind: 'event';
      readonly key: string;
      readonly item: TimelineItem;
      /** Who it comes from; absent where the stage has one agent only, or while nothing is known of it. */
      readonly agent: ChainAgent | undefined;
      /** Its text is that of the answer before it, as of an answer that turned out to be the final analysis. */
      readonly isRepeat: boolean;
    };

/** An answer without text says nothing once it is finished. */
const saysNothing = ({ type, status, content }: TimelineItem): boolean =>
  status !== 'streaming' && content.trim() === '' && (type === 'llm_response' || type === 'llm_thinking');

/** The error that ended an execution is often the one that its last model call ended with. */
const saysItAgain = ({ type, content, executionId }: TimelineItem, last: TimelineItem | undefined): boolean =>
  type === 'error' && last?.type === 'error' && last.content === content && last.executionId === executionId;

const repeatsAnswer = ({ type, executionId, content }: TimelineItem, answers: ReadonlyMap<string, string>): boolean =>
  type === 'final_analysis' && executionId !== undefined && answers.get(executionId)?.trim() === content.trim();

/**
 * The rows of a timeline: a heading wherever the stage changes, then its events.
 *
 * @param onlyExecution Leaves out the events of every other execution; undefined shows all.
 */
export function timelineRows(
  items: readonly TimelineItem[],
  stages: readonly ChainStage[],
  agents: ReadonlyMap<string, ChainAgent>,
  onlyExecution: string | undefined,
): TimelineRow[] {
  const stagesById = new Map(stages.flatMap((stage) => (stage.id === undefined ? [] : [[stage.id, stage] as const])));
  const rows: TimelineRow[] = [];
  let stageId: string | undefined;
  /** The newest answer of each execution. */
  const answers = new Map<string, string>();
  let last: TimelineItem | undefined;
  for (const item of items) {
    if (
      saysNothing(item) ||
      saysItAgain(item, last) ||
      (onlyExecution !== undefined && item.executionId !== onlyExecution)
    )
      continue;
    if (item.stageId !== undefined && item.stageId !== stageId) {
      stageId = item.stageId;
      rows.push({ kind: 'stage', key: `stage-${stageId}-${item.id}`, stage: stagesById.get(stageId) });
    }
    const isRepeat = repeatsAnswer(item, answers);
    if (item.type === 'llm_response' && item.executionId !== undefined) answers.set(item.executionId, item.content);
    last = item;
    rows.push({ kind: 'event', key: item.id, item, agent: namedAgent(item, stagesById, agents), isRepeat });
  }
  return rows;
}

function namedAgent(
  { stageId, executionId }: TimelineItem,
  stages: ReadonlyMap<string, ChainStage>,
  agents: ReadonlyMap<string, ChainAgent>,
): ChainAgent | undefined {
  const stage = stageId === undefined ? undefined : stages.get(stageId);
  const isAlone = stage?.agents.length === 1 && stage.agents[0]!.subAgents.length === 0;
  return isAlone || executionId === undefined ? undefined : agents.get(executionId);
}

const LINE_PX = 24;
const CHARACTERS_PER_LINE = 110;
/** A folded text is this high, as in the component that draws it. */
const MOST_LINES = 12;

/** About how high a row is before it was drawn, so that the scroll bar hardly moves when it is. */
export function estimatedHeightPx(row: TimelineRow | undefined): number {
  if (!row || row.kind === 'stage') return 44;
  if (row.item.type === 'llm_tool_call') return 50;
  if (row.isRepeat) return 110;
  const lines = Math.ceil(row.item.content.length / CHARACTERS_PER_LINE);
  return 56 + LINE_PX * Math.min(Math.max(lines, 1), MOST_LINES);
}
