import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsInRepetition } from './repetition.js';

const block = 'I check the disk of the node again, to be sure. ';

describe(endsInRepetition.name, () => {
  it('sees a block five times in a row, wherever the text is cut', () => {
    const text = `The alert says that the disk is full. ${block.repeat(7)}`;
    for (let cut = 0; cut < block.length; cut++) expect(endsInRepetition(text.slice(0, text.length - cut))).toBe(true);
  });

  it('takes neither four repeats nor short blocks nor a loop that ended for one', () => {
    expect(endsInRepetition(`x${block.repeat(4)}`)).toBe(false);
    expect(endsInRepetition('no no no no no no')).toBe(false);
    expect(endsInRepetition(`${block.repeat(8)}But then the load fell, and the disk was fine.`)).toBe(false);
  });

  it('sees blocks of every length from 30 to 500', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 500 }), (length) => {
        const unique = Array.from({ length }, (_, index) => String.fromCharCode(0x4e00 + index)).join('');
        expect(endsInRepetition(unique.repeat(5))).toBe(true);
        expect(endsInRepetition(unique.repeat(4))).toBe(false);
      }),
    );
  });
});
