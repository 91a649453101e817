import { describe, expect, it } from 'vitest';
import { Namespace } from './namespace.js';

describe(Namespace.name, () => {
  it('leaves the names of the contracts as they are by default', () => {
    const names = new Namespace('tarsy');
    expect([names.qualify('tarsy.tasks.a.high'), names.stream('TASKS'), names.bucket('payloads')]).toEqual([
      'tarsy.tasks.a.high',
      'TASKS',
      'payloads',
    ]);
  });

  it('puts everything apart for any other name, and translates subjects back', () => {
    const names = new Namespace('team-b');
    expect(names.qualify('tarsy.tasks.a.high')).toBe('team-b.tasks.a.high');
    expect(names.unqualify('team-b.tasks.a.high')).toBe('tarsy.tasks.a.high');
    expect([names.stream('TASKS'), names.bucket('payloads')]).toEqual(['TEAM-B_TASKS', 'team-b_payloads']);
  });

  it.each(['', 'a.b', 'a b', 'A', '>', '1a'])('refuses "%s"', (name) => {
    expect(() => new Namespace(name)).toThrow(expect.objectContaining({ code: 'INVALID_NAMESPACE' }));
  });

  it('refuses a subject that is not from the contracts', () => {
    expect(() => new Namespace('tarsy').qualify('orders.new')).toThrow(TypeError);
  });
});
