import { costText, countText } from '#lib/format/numbers';
import { durationText } from '#lib/format/times';
import { t } from '#lib/i18n/text';
import { toolCallFacts } from '#lib/session/tool-call';
import type { ChatTurn } from './chat-turns';

/** Who answered, how long it took and what it used, as far as it is known. */
export function turnFacts({ agent }: ChatTurn): string[] {
  if (!agent) return [];
  return [
    agent.model,
    agent.durationMs === null ? undefined : durationText(agent.durationMs),
    agent.totalTokens > 0 ? t('chain.tokens', { tokens: countText(agent.totalTokens) }) : undefined,
    agent.costUsd === undefined ? undefined : costText(agent.costUsd, agent.isCostPartial),
  ].filter((fact) => fact !== undefined);
}

/** What goes on while an answer is to come, in a few words. */
export function doingNow({ agent, answer, steps }: ChatTurn): string {
  if (answer) return t('chat.now.writing');
  const step = steps.findLast(({ status }) => status === 'streaming');
  if (step?.type === 'llm_tool_call') return t('chat.now.calling', { tool: toolCallFacts(step).name });
  if (step?.type === 'llm_thinking') return t('chat.now.thinking');
  return t(agent?.startedAt ? 'chat.now.working' : 'chat.now.waiting');
}
