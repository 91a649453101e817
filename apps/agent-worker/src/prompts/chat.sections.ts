import type { ChatContext } from '@tarsy/contracts';
import { contextWindowOf, cutToTokens, estimateTokens } from '../summaries/tokens.js';
import { DATA_NOTICE, fenced } from './fenced.js';
import type { PromptContext } from './prompt-context.js';

/** Of a model whose window nobody knows. */
const WINDOW_TOKENS = 128_000;
/** Parts of the model's window that may be taken by what agents did, and by what was said before. */
const SHARE_OF_HISTORY = 0.4;
const SHARE_OF_EARLIER = 0.1;

type Execution = ChatContext['stages'][number]['executions'][number];

/** What was investigated, stage by stage, each agent with all it did as far as the model's window allows. */
export function investigationSection({ task: { chat, model }, histories }: PromptContext): string {
  if (chat === undefined) return '';
  const agents = chat.stages.flatMap(({ executions }) => executions);
  const room = (contextWindowOf(model) ?? WINDOW_TOKENS) * SHARE_OF_HISTORY;
  const told = toldOf(agents, histories ?? new Map(), room);
  const stages = chat.stages.map(
    ({ name, status, executions }, index) =>
    [`### Stage ${index + 1}: ${name} (${status})`, ...executions.map((one) => agentText(one, told.get(one) ?? ''))].join('\n\n'), // prettier-ignore
  );
  return [
    '## Investigation History',
    `What was done and found. ${DATA_NOTICE}`,
    fenced('INVESTIGATION', stages.length === 0 ? 'No stage of the investigation was begun.' : stages.join('\n\n')),
  ].join('\n');
}

export function summarySection({ task: { chat } }: PromptContext): string {
  if (chat?.executiveSummary === undefined) return '';
  return ['## Executive Summary', DATA_NOTICE, fenced('EXECUTIVE_SUMMARY', chat.executiveSummary)].join('\n');
}

/** Questions and answers before this one; where there is no room for all of them, the newest. */
export function earlierQuestionsSection({ task: { chat, model } }: PromptContext): string {
  if (chat === undefined || chat.earlier.length === 0) return '';
  const room = (contextWindowOf(model) ?? WINDOW_TOKENS) * SHARE_OF_EARLIER;
  const kept: string[] = [];
  let tokens = 0;
  for (const { question, author, answer } of chat.earlier.toReversed()) {
    const text = `### Question of ${author}\n${question}\n\n### Answer\n${answer ?? '(There was no answer.)'}`;
    tokens += estimateTokens(text);
    if (tokens > room) break;
    kept.unshift(text);
  }
  const left = chat.earlier.length - kept.length;
  const note = left === 0 ? [] : [`(${left} older questions are left out.)`];
  return [
    '## Earlier Questions',
    `What was asked and answered before. ${DATA_NOTICE}`,
    fenced('EARLIER_QUESTIONS', [...note, ...kept].join('\n\n')),
  ].join('\n');
}

/** The person's own words: the one thing here that is to be done. */
export function questionSection({ task: { chat } }: PromptContext): string {
  return chat === undefined ? '' : `## Current Question\nAsked by ${chat.author}:\n\n${chat.question}`;
}

function agentText({ agentName, status, errorMessage }: Execution, told: string): string {
  const error = errorMessage === undefined ? '' : `\nError: ${errorMessage}`;
  return `#### Agent ${agentName} (${status})${error}\n\n${told}`;
}

/**
 * All histories where they have room; otherwise every agent gets an equal part, and what short ones leave goes to the others. A cut history
 * is followed by the result, which is its end and what counts.
 */
function toldOf(
  agents: readonly Execution[],
  histories: ReadonlyMap<string, string>,
  room: number,
): Map<Execution, string> {
  const whole = agents.map((agent) => {
    const history = agent.history ?? histories.get(agent.executionId);
    return { agent, text: history || (agent.result ?? '(This agent left nothing behind.)') };
  });
  const told = new Map<Execution, string>();
  let left = room;
  const shortFirst = whole.toSorted((one, other) => estimateTokens(one.text) - estimateTokens(other.text));
  for (const [index, { agent, text }] of shortFirst.entries()) {
    const part = Math.floor(left / (shortFirst.length - index));
    const kept = estimateTokens(text) <= part ? text : cutHistory(text, agent.result ?? '', part);
    told.set(agent, kept);
    left -= estimateTokens(kept);
  }
  return told;
}

function cutHistory(text: string, result: string, tokens: number): string {
  const end = result === '' ? '' : `\n\nFinal analysis: ${cutToTokens(result, Math.floor(tokens / 2))}`;
  return `${cutToTokens(text, Math.max(0, tokens - estimateTokens(end)))}${end}`;
}
