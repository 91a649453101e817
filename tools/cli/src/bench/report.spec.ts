import { describe, expect, it } from 'vitest';
import type { BenchReport } from './report.js';
import { figureRows, withFigures } from './report.js';

const report: BenchReport = {
  isQuick: false,
  measuredAt: '2026-03-04T05:06:07.000Z',
  machine: {
    cores: 2,
    processor: 'Some processor',
    memoryGigabytes: 8,
    system: 'Linux 6.1',
    node: 'v24.0.0',
    servers: { 'nats-server': '2.15.1' },
  },
  results: [
    {
      name: 'ingest',
      title: 'Ingest',
      settings: { bodyBytes: 1_024 },
      figures: [
        { name: 'rate', unit: '/s', value: 6_123.4, aim: { least: 5_000 } },
        { name: 'delay', unit: 'ms', value: 61, aim: { most: 50 } },
        { name: 'other', unit: '%', value: 12.34 },
      ],
      processes: [
        { name: 'ingest-1', cpuSeconds: 9.8, cpuPercent: 98, peakMemoryMegabytes: 140 },
        { name: 'idle', cpuSeconds: 0, cpuPercent: 0, peakMemoryMegabytes: 50 },
      ],
    },
    { name: 'models', title: 'Models', settings: {}, figures: [], processes: [] },
  ],
};

describe('the report of a benchmark', () => {
  it('says for each aim whether it is met', () => {
    expect(figureRows(report.results[0]!)).toEqual([
      ['rate', '6,123 /s', '>= 5,000 /s', 'met'],
      ['delay', '61 ms', '<= 50 ms', 'missed'],
      ['other', '12.3 %', '', ''],
    ]);
  });

  it('replaces the figures of a document and nothing else', () => {
    const begin = '<!-- figures: written by `./tarsy bench --write-docs` -->';
    const end = '<!-- end of figures -->';
    const document = `# Title\n\n${begin}\nold figures\n${end}\n\nThe rest.\n`;
    const once = withFigures(document, report);
    expect(once).toMatch(/^# Title\n\n<!-- figures/);
    expect(once).toMatch(/<!-- end of figures -->\n\nThe rest\.\n$/);
    expect(once).not.toContain('old figures');
    expect(once).toContain('| rate | 6,123 /s | >= 5,000 /s | met |');
    expect(once).toContain('Measured on 2026-03-04: 2 cores (Some processor)');
    expect(once).toContain('body bytes 1,024');
    expect(once.match(/Processor time .*/g)).toEqual([expect.stringMatching(/: ingest-1 98 % 140 MB\.$/)]);
    expect(withFigures(once, report)).toBe(once);
    expect(() => withFigures('no place', report)).toThrow('no lines');
  });
});
