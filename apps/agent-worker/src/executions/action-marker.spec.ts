import { describe, expect, it } from 'vitest';
import { readActionMarker } from './action-marker.js';

describe(readActionMarker.name, () => {
  it.each([
    ['Restarted db-1.\n\nYES', 'Restarted db-1.', true],
    ['Nothing to do.\nNO\n', 'Nothing to do.', false],
    ['Nothing to do.\n**No**', 'Nothing to do.', false],
    ['Done.\n  yes.  ', 'Done.', true],
  ])('takes the marker from %j', (answer, text, actionsExecuted) => {
    expect(readActionMarker(answer)).toEqual({ text, actionsExecuted });
  });

  it.each(['Restarted db-1. YES', 'YES\nRestarted db-1.', 'Is it safe?\nYES, it is', ''])(
    'leaves %j as it is',
    (answer) => {
      expect(readActionMarker(answer)).toEqual({ text: answer });
    },
  );

  it('keeps an answer that is nothing else', () => {
    expect(readActionMarker('NO')).toEqual({ text: 'NO', actionsExecuted: false });
  });
});
