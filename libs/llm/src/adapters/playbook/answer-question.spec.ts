import { describe, expect, it } from 'vitest';
import { answerQuestion } from './answer-question.js';
import { REPORT_LABEL } from './report.js';

const promptWith = (investigation: string): string =>
  `## Alert Details\nThe disk alert.\n<!-- INVESTIGATION_START -->\n${investigation}\n<!-- INVESTIGATION_END -->\n## Current Question`;

describe(answerQuestion.name, () => {
  it('says what it is, and shows what of the investigation has the words of the question', () => {
    const answer = answerQuestion(
      'Which disk was full?',
      promptWith('### Stage 1: disk\n- Disk /dev/sda1 is full: 98 %\n- Memory is fine\n- The disk\n- Disk /dev/sda1 is full: 98 %'), // prettier-ignore
    );
    expect(answer.startsWith(REPORT_LABEL)).toBe(true);
    expect(answer.split('\n').filter((line) => line.startsWith('- '))).toEqual([
      '- Disk /dev/sda1 is full: 98 %',
      '- The disk',
    ]);
  });

  it('says that there is nothing', () => {
    expect(answerQuestion('And the weather?', promptWith('Disk is full'))).toContain('has a word of the question');
    expect(answerQuestion('Disk?', 'no investigation')).toContain('has a word of the question');
  });

  it('shows no more than a few lines, the ones that fit best', () => {
    const lines = Array.from({ length: 30 }, (_, number) => `disk number ${number}`);
    const answer = answerQuestion('disk usage', promptWith([...lines, 'disk usage is 98 %'].join('\n')));
    expect(answer.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(8);
    expect(answer).toContain('- disk usage is 98 %');
  });
});
