import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '#lib/live/timeline';
import { argumentsLine, toolCallFacts } from './tool-call';

const facts = (metadata: Record<string, unknown>): ReturnType<typeof toolCallFacts> =>
  toolCallFacts({ metadata } as unknown as TimelineItem);

describe(toolCallFacts.name, () => {
  it('reads a call with its result', () => {
    const metadata = {
      server_name: 'host',
      tool_name: 'disk_usage',
      arguments: { path: '/' },
      is_error: true,
      duration_ms: 12,
    };
    expect(facts(metadata)).toEqual({ name: 'host.disk_usage', arguments: { path: '/' }, isError: true, outcome: undefined, durationMs: 12 }); // prettier-ignore
  });

  it('makes do with a call of which nothing is known', () => {
    expect(facts({ server_name: '', tool_name: 'odd' })).toMatchObject({ name: 'odd', arguments: {}, isError: false });
  });
});

describe(argumentsLine.name, () => {
  it('puts values in one line and shortens long ones', () => {
    expect(argumentsLine({ path: '/var\n/log', depth: 2, list: [1] })).toBe('path: /var /log, depth: 2, list: [1]');
    expect(argumentsLine({ text: 'x'.repeat(80) })).toBe(`text: ${'x'.repeat(60)}…`);
  });
});
