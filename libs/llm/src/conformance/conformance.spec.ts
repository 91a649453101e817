import { describe, expect, it } from 'vitest';
import { ANSWER_CASES } from './answers.fixture.js';
import { ConformanceResults, tableInDocument, writeTable } from './conformance-table.fixture.js';
import { CONNECTION_CASES } from './connections.fixture.js';
import { FAILURE_CASES } from './failures.fixture.js';
import { SUBJECTS } from './subjects.fixture.js';
import { Trial, type ConformanceCase } from './trial.fixture.js';

const CASES: Readonly<Record<string, readonly ConformanceCase[]>> = {
  Answers: ANSWER_CASES,
  Failures: FAILURE_CASES,
  Connections: CONNECTION_CASES,
};
const results = new ConformanceResults();
let expected = 0;

describe.each(SUBJECTS)('$name', (subject) => {
  describe.each(Object.entries(CASES))('%s', (_group, cases) => {
    for (const { feature, absent, run } of cases) {
      if (absent?.[subject.dialect] !== undefined) continue;
      expected++;
      it(feature, async () => {
        results.ran();
        const trial = await Trial.start(subject);
        await run(trial).finally(() => trial.close());
        results.passed(subject.name, feature);
      });
    }
  });
});

describe('docs/models.md', () => {
  it('shows what this run has shown (UPDATE_DOCS=1 writes it)', (context) => {
    if (results.count < expected) return context.skip('only a part of the suite ran');
    const table = results.render(CASES);
    if (process.env['UPDATE_DOCS'] === '1') writeTable(table);
    expect(tableInDocument()).toBe(table);
  });
});
