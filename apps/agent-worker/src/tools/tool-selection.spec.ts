import type { ToolDescription } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { callOf } from '../executions/journal.fixture.js';
import { callGroups } from './call-groups.js';
import { parseToolName } from './tool-name.js';
import { definitionsOf, describeUnknownTool, findTool, selectTools, type CatalogueView } from './tool-selection.js';

const tool = (name: string, readOnlyHint?: boolean): ToolDescription => ({
  name,
  description: `does ${name}`,
  inputSchema: { type: 'object' },
  annotations: readOnlyHint === undefined ? {} : { readOnlyHint },
});
const catalogueOf = (
  tools: Record<string, ToolDescription[]>,
  problems: Record<string, string> = {},
): CatalogueView => ({
  toolsOf: (server) => tools[server],
  problemOf: (server) => problems[server],
});
const catalogue = catalogueOf({ host: [tool('cpu', true), tool('kill')] }, { metrics: 'connection refused' });
const selections = [
  { id: 'host', instructions: '', tools: ['cpu', 'no-such'] },
  { id: 'metrics', instructions: '' },
  { id: 'late', instructions: '' },
];
const servers = selectTools(selections, catalogue);

describe(selectTools.name, () => {
  it('records what each server has and why one has nothing', () => {
    expect(servers).toEqual([
      { server: 'host', tools: [{ name: 'cpu', description: 'does cpu' }] },
      { server: 'metrics', tools: [], errorMessage: 'connection refused' },
      { server: 'late', tools: [], errorMessage: 'its tools are not known yet' },
    ]);
  });
});

describe(definitionsOf.name, () => {
  it('gives the recorded tools with schemas, without what has gone or come since', () => {
    expect(definitionsOf(servers, catalogue)).toEqual([
      { name: 'host__cpu', description: 'does cpu', inputSchema: { type: 'object' }, readOnly: true },
    ]);
    expect(definitionsOf(servers, catalogueOf({ host: [tool('new')] }))).toEqual([]);
  });
});

describe(findTool.name, () => {
  it.each(['host__cpu', 'host.cpu', 'functions:host__cpu', ' host__cpu '])('understands %j', (name) => {
    expect(findTool(name, servers)).toEqual({ server: 'host', tool: 'cpu' });
  });

  it.each(['host__kill', 'metrics__query', 'cpu', 'host__', '', 'host__cpu;rm'])('knows no %j', (name) => {
    expect(findTool(name, servers)).toBeUndefined();
  });

  it('tells the model what there is', () => {
    expect(describeUnknownTool('host__kill', servers)).toBe(
      'There is no tool "host__kill". Available tools: host__cpu. Unavailable servers: metrics, late.',
    );
  });

  it('splits at the first separator', () => {
    expect(parseToolName('a-b__c__d')).toEqual({ server: 'a-b', tool: 'c__d' });
  });
});

describe(callGroups.name, () => {
  it('runs neighbours that only read together and everything else alone, in order', () => {
    const calls = ['r1', 'r2', 'w1', 'w2', 'r3'].map(callOf);
    const groups = callGroups(calls, ({ callId }) => callId.startsWith('r'));
    expect(groups.map((group) => group.map(({ callId }) => callId))).toEqual([['r1', 'r2'], ['w1'], ['w2'], ['r3']]);
  });
});
