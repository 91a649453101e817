import type { MailboxMessage, Skill, SubAgents } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { taskFixture } from '../executions/journal.fixture.js';
import { builtInToolsOf, findBuiltInTool } from './built-in-tool.js';
import { loadSkills } from './load-skill.js';
import { knownAgents, listOf, refusalOf, type KnownAgent } from './sub-agents.js';

const skill = (name: string): Skill => ({ name, description: `about ${name}`, body: `How to ${name}.\n` });
const SKILLS = [skill('disks'), skill('dns')];
const SUB_AGENTS: SubAgents = {
  agents: [{ name: 'Logs', description: 'reads logs', toolServers: ['logs'], nativeTools: [] }],
  maxConcurrentAgents: 2,
  agentTimeoutMs: 60_000,
  maxBudgetMs: 100_000,
};

describe(builtInToolsOf.name, () => {
  it('offers what the task has use for', () => {
    const namesOf = (changes: Parameters<typeof taskFixture>[0]): string[] =>
      builtInToolsOf(taskFixture(changes)).map(({ name }) => name);
    expect(namesOf({})).toEqual([]);
    expect(namesOf({ availableSkills: [] })).toEqual([]);
    expect(namesOf({ availableSkills: SKILLS })).toEqual(['load_skill']);
    expect(namesOf({ subAgents: SUB_AGENTS })).toEqual([
      'dispatch_agent',
      'cancel_agent',
      'list_agents',
      'steer_agent',
    ]);
  });

  it('finds a tool by its name, with a word in front too, unless the agent does not have it', () => {
    const task = taskFixture({ availableSkills: SKILLS });
    expect(findBuiltInTool('load_skill', task)).toBe('load_skill');
    expect(findBuiltInTool(' default_api:load_skill', task)).toBe('load_skill');
    expect(findBuiltInTool('dispatch_agent', task)).toBeUndefined();
  });
});

describe(loadSkills.name, () => {
  it.each([
    [{ names: ['disks', 'dns'] }, ['How to disks.', 'How to dns.'], false],
    [{ names: 'disks, dns' }, ['How to disks.', 'How to dns.'], false],
    [{ input: 'dns' }, ['How to dns.'], false],
    [{ names: ['disks', 'no', 'disks'] }, ['How to disks.', 'No such skill: no. Available skills: disks, dns.'], false],
    [{ names: ['no', 'nor'] }, ['No such skill: no, nor. Available skills: disks, dns.'], true],
    [{ names: [] }, ['Name at least one skill. Available skills: disks, dns.'], true],
    [{}, ['Name at least one skill.'], true],
  ])('answers %j', (given, texts, isError) => {
    const answer = loadSkills(given, SKILLS);
    expect(answer.isError).toBe(isError);
    let from = 0;
    for (const text of texts) {
      expect(answer.content.indexOf(text, from)).toBeGreaterThanOrEqual(from);
      from = answer.content.indexOf(text, from);
    }
    expect(answer.content.match(/## Skill: disks/g) ?? []).toHaveLength(texts[0] === 'How to disks.' ? 1 : 0);
  });
});

const START = new Date('2026-03-04T05:06:07.000Z');
const later = (ms: number): Date => new Date(START.getTime() + ms);
const agentOf = (executionId: string, status: KnownAgent['status'] = 'running'): KnownAgent => ({
  executionId,
  name: 'Logs',
  task: `task of\n${executionId}`,
  dispatchedAt: START.toISOString(),
  hasReported: false,
  status,
});
const request = { name: 'Logs', task: 'read' };

describe(refusalOf.name, () => {
  it('accepts within the limits', () => {
    expect(refusalOf(request, SUB_AGENTS, [], START)).toBeUndefined();
    expect(refusalOf(request, SUB_AGENTS, [agentOf('a'), agentOf('b', 'failed')], later(99_999))).toBeUndefined();
  });

  it.each([
    ['an unknown name', { name: 'Lags', task: 'x' }, [], START, 'There is no sub-agent "Lags". Available: Logs.'],
    ['an empty task', { name: 'Logs', task: ' ' }, [], START, 'The task is empty'],
    ['one too many at a time', request, [agentOf('a'), agentOf('b')], START, '2 sub-agents are running'],
    ['one after the budget', request, [agentOf('a', 'completed')], later(100_000), 'The time for sub-agents is over'],
  ])('refuses %s', (_title, given, known, now, text) => {
    expect(refusalOf(given, SUB_AGENTS, known, now)).toContain(text);
  });
});

describe(listOf.name, () => {
  it('tells status and task of each, also of one whose result was not read yet', () => {
    const { sessionId, executionId } = taskFixture();
    const ended: MailboxMessage = { type: 'sub-agent-result', sessionId, executionId, childExecutionId: 'b', agentName: 'Logs', status: 'timed_out', at: START.toISOString() }; // prettier-ignore
    const known = knownAgents([agentOf('a'), agentOf('b')], [ended]);
    expect(listOf(known)).toBe(
      '- Logs (exec a): running. Task: task of a\n- Logs (exec b): timed_out. Task: task of b',
    );
    expect(listOf([])).toBe('No sub-agents have been dispatched yet.');
  });
});
