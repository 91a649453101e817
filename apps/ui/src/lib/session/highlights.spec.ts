import { describe, expect, it } from 'vitest';
import { highlightsOf } from './highlights';

describe(highlightsOf.name, () => {
  it.each([
    ['Roll back. **Confidence: high.** The log agrees.', 'high'],
    ['Confidence is medium to high, because …', 'medium to high'],
    ['## Confidence\n\n- Low to medium: 3 of 5 checks gave an answer.', 'low to medium'],
    ['**Confidence:** 85 %', '85 %'],
    ['We are not confident that the disk is high.', undefined],
    ['The disk is full.', undefined],
  ])('finds how sure %j is', (report, confidence) => {
    expect(highlightsOf(report).confidence).toBe(confidence);
  });

  it.each([
    [
      '## Cause\n\nDisk.\n\n## Next steps\n\n1. Roll back.\n2. Watch.\n\n## Evidence\n\nLogs',
      '1. Roll back.\n2. Watch.',
    ],
    ['### Recommended actions\n\n- Delete logs', '- Delete logs'],
    ['**Next steps:**\n- Delete logs', '- Delete logs'],
    ['## What to do now\n\n```sh\n# not a heading\ndf -h\n```', '```sh\n# not a heading\ndf -h\n```'],
    ['## Next steps\n\n## Evidence\n\nLogs', undefined],
    ['Next steps are unclear.', undefined],
    [`## Next steps\n\n${'x'.repeat(2_000)}`, undefined],
  ])('finds what to do in %j', (report, nextSteps) => {
    expect(highlightsOf(report).nextSteps).toBe(nextSteps);
  });

  it('takes the word of the first report that says something', () => {
    expect(highlightsOf(null, 'Confidence: low', 'Confidence: high\n## Next steps\n\nWait')).toEqual({
      confidence: 'low',
      nextSteps: 'Wait',
    });
  });
});
