import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '#lib/live/timeline';
import { agentsById, type ChainAgent, type ChainStage } from './chain';
import { timelineRows } from './timeline-rows';

const item = (id: string, stageId: string, executionId: string, extra: Partial<TimelineItem> = {}): TimelineItem =>
  ({ id, stageId, executionId, type: 'llm_response', status: 'completed', content: id, metadata: {}, createdAt: '', ...extra }); // prettier-ignore
const agent = (executionId: string): ChainAgent =>
  ({ executionId, name: executionId, subAgents: [] }) as unknown as ChainAgent;
const stage = (id: string, ...agents: ChainAgent[]): ChainStage => ({ id, agents }) as unknown as ChainStage;
const stages = [stage('look', agent('one'), agent('two')), stage('merge', agent('three'))];
const rowsOf = (items: TimelineItem[], only?: string): string[] =>
  timelineRows(items, stages, agentsById(stages), only).map((row) =>
    row.kind === 'stage' ? `# ${row.stage?.id}` : `${row.item.id}${row.agent ? ` by ${row.agent.name}` : ''}`,
  );

describe(timelineRows.name, () => {
  const items = [item('a', 'look', 'one'), item('b', 'look', 'two'), item('c', 'merge', 'three')];

  it('begins each stage with a heading and names agents where there are several', () => {
    expect(rowsOf(items)).toEqual(['# look', 'a by one', 'b by two', '# merge', 'c']);
  });

  it('shows one execution alone', () => {
    expect(rowsOf(items, 'two')).toEqual(['# look', 'b by two']);
  });

  it('leaves out a finished answer that says nothing, but not one that is about to', () => {
    const empty = { content: ' ' };
    expect(
      rowsOf([
        item('a', 'merge', 'three', empty),
        item('b', 'merge', 'three', { ...empty, status: 'streaming' }),
        item('c', 'merge', 'three', { ...empty, type: 'llm_tool_call' }),
      ]),
    ).toEqual(['# merge', 'b', 'c']);
  });

  it('tells an error once that ended both a model call and its execution', () => {
    const failed = (id: string, content: string) => item(id, 'look', 'one', { type: 'error', content });
    expect(rowsOf([failed('x', 'no key'), failed('y', 'no key'), failed('z', 'no disk')])).toEqual([
      '# look',
      'x by one',
      'z by one',
    ]);
  });

  it('knows an analysis whose text is that of the answer before it, by the same agent', () => {
    const analysis = (id: string, executionId: string) =>
      item(id, 'look', executionId, { type: 'final_analysis', content: 'Disk.' });
    const answer = item('x', 'look', 'one', { content: 'Disk.' });
    const rows = timelineRows(
      [answer, analysis('y', 'two'), analysis('z', 'one')],
      stages,
      agentsById(stages),
      undefined,
    );
    expect(rows.map((row) => row.kind === 'event' && row.isRepeat)).toEqual([false, false, false, true]);
  });
});
