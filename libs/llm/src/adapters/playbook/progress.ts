import type { LanguageModelRequest, ToolDefinition } from '../../language-model.js';
import { parseJson, valueAt } from './json-path.js';
import type { Condition, FactRule, Playbook, Step } from './playbook.schema.js';
import { factsIn, fillAll, type Facts } from './template.js';

const CALL_PREFIX = 'playbook-';

export interface StepResult {
  readonly content: string;
  readonly isError: boolean;
  readonly json: unknown;
}

/** How far a playbook has come, read from the conversation alone: the analyst keeps no state between calls. */
export interface Progress {
  readonly results: ReadonlyMap<Step, StepResult>;
  readonly facts: Facts;
  /** Steps to take now, with their tools and arguments. */
  readonly ready: readonly {
    readonly step: Step;
    readonly callId: string;
    readonly tool: string;
    readonly arguments: unknown;
  }[];
  /** Steps whose tool no server has. */
  readonly withoutTool: readonly Step[];
}

export function progressOf(playbook: Playbook, request: LanguageModelRequest): Progress {
  const results = resultsOf(playbook, request);
  const facts = factsOf(playbook, request, results);
  const asked = new Set(request.messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls.map(({ vendorCallId }) => vendorCallId) : []))); // prettier-ignore
  const open = playbook.steps
    .map((step, index) => ({ step, callId: `${CALL_PREFIX}${index}` }))
    .filter(({ callId }) => !asked.has(callId));
  const withTools = open.map((entry) => ({ ...entry, tool: toolFor(entry.step, request.tools) }));
  return {
    results,
    facts,
    ready: withTools.flatMap(({ step, callId, tool }) =>
      tool && isDue(step, facts) ? [{ step, callId, tool: tool.name, arguments: fillAll(step.arguments, facts) }] : [],
    ),
    withoutTool: withTools.filter(({ tool }) => !tool).map(({ step }) => step),
  };
}

export function holds(condition: Condition, facts: Facts): boolean {
  const value = facts[condition.fact];
  const isKnown = value !== undefined && value !== null;
  if (condition.known !== undefined) return isKnown === condition.known;
  if (!isKnown) return false;
  if (condition.equals !== undefined && value !== condition.equals) return false;
  const { at_least: least, below } = condition;
  if ((least !== undefined || below !== undefined) && typeof value !== 'number') return false;
  return (least === undefined || (value as number) >= least) && (below === undefined || (value as number) < below);
}

function isDue(step: Step, facts: Facts): boolean {
  const needed = factsIn(JSON.stringify(step.arguments));
  return needed.every((name) => facts[name] !== undefined) && step.when.every((condition) => holds(condition, facts));
}

function toolFor({ tool }: Step, tools: readonly ToolDefinition[]): ToolDefinition | undefined {
  return tools.find(({ name }) => name === tool) ?? tools.find(({ name }) => name.endsWith(`__${tool}`));
}

function resultsOf(playbook: Playbook, request: LanguageModelRequest): Map<Step, StepResult> {
  const results = new Map<Step, StepResult>();
  for (const message of request.messages) {
    if (message.role !== 'tool' || !message.vendorCallId.startsWith(CALL_PREFIX)) continue;
    const step = playbook.steps[Number(message.vendorCallId.slice(CALL_PREFIX.length))];
    if (step)
      results.set(step, { content: message.content, isError: message.isError, json: parseJson(message.content) });
  }
  return results;
}

function factsOf(playbook: Playbook, request: LanguageModelRequest, results: ReadonlyMap<Step, StepResult>): Facts {
  const alert = request.alert?.data ?? '';
  const facts: Record<string, unknown> = { alert_type: request.alert?.type };
  for (const [name, rule] of Object.entries(playbook.facts)) {
    const sources =
      rule.tool === undefined ? [{ content: alert, json: parseJson(alert) }] : goodResults(results, rule.tool);
    for (const source of sources) facts[name] ??= factIn(rule, source);
  }
  return facts;
}

function goodResults(results: ReadonlyMap<Step, StepResult>, tool: string): StepResult[] {
  return [...results].filter(([step, { isError }]) => step.tool === tool && !isError).map(([, result]) => result);
}

function factIn({ path, pattern }: FactRule, { content, json }: { content: string; json: unknown }): unknown {
  if (path !== undefined) {
    const value = valueAt(json, path);
    if (value !== undefined && value !== null) return value;
  }
  if (pattern === undefined) return undefined;
  const text = new RegExp(pattern, 'i').exec(content)?.[1];
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Items of a list in a tool's answer, for statements about each of them. */
export function itemsAt(results: ReadonlyMap<Step, StepResult>, tool: string, path: string): unknown[] {
  const list = goodResults(results, tool)
    .map(({ json }) => (path === '' ? json : valueAt(json, path)))
    .find(Array.isArray);
  return (list as unknown[] | undefined) ?? [];
}
