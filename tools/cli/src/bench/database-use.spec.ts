import { describe, expect, it } from 'vitest';
import { isTransactionControl } from './database-use.js';

const control = (text: string): boolean => isTransactionControl({ text, calls: 1, milliseconds: 0 });

describe(isTransactionControl.name, () => {
  it('knows what begins or ends a transaction', () => {
    expect(['START TRANSACTION', 'begin isolation level read committed', 'COMMIT', 'ROLLBACK'].map(control)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
  });

  it('leaves out what works', () => {
    expect(
      ['SELECT beginning FROM stages', 'UPDATE "stages" SET "status" = $1', 'INSERT INTO commits'].map(control),
    ).toEqual(Array.from({ length: 3 }, () => false));
  });
});
