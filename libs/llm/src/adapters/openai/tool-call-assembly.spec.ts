import { describe, expect, it } from 'vitest';
import { ToolCallAssembly } from './tool-call-assembly.js';

function assemble(...deltas: unknown[]): unknown[] {
  let made = 0;
  const assembly = new ToolCallAssembly();
  for (const delta of deltas) assembly.add(delta);
  return assembly
    .finish(() => `made-${++made}`)
    .map(({ vendorCallId, name, argumentsText }) => [vendorCallId, name, argumentsText]);
}

describe(ToolCallAssembly.name, () => {
  it('keeps interleaved calls apart by their index', () => {
    expect(
      assemble(
        { index: 0, id: 'a', function: { name: 'one', arguments: '{"x"' } },
        { index: 1, id: 'b', function: { name: 'two', arguments: '{' } },
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { arguments: '}' } },
      ),
    ).toEqual([
      ['a', 'one', '{"x":1}'],
      ['b', 'two', '{}'],
    ]);
  });

  it('keeps calls apart whose server gives every one the index 0', () => {
    expect(
      assemble(
        { index: 0, id: 'a', function: { name: 'one', arguments: '{}' } },
        { index: 0, id: 'b', function: { name: 'two', arguments: '{}' } },
      ),
    ).toEqual([
      ['a', 'one', '{}'],
      ['b', 'two', '{}'],
    ]);
  });

  it('makes up ids where there are none or the same one twice, and takes arguments that are objects', () => {
    expect(
      assemble(
        { function: { name: 'one', arguments: { path: '/' } } },
        { function: { name: 'two', arguments: {} } },
        { index: 5, id: 'x', function: { name: 'three' } },
        { index: 6, id: 'x', function: { name: 'four' } },
      ),
    ).toEqual([
      ['made-1', 'one', '{"path":"/"}'],
      ['made-2', 'two', '{}'],
      ['x', 'three', ''],
      ['made-3', 'four', ''],
    ]);
  });

  it('drops what has no name', () => {
    expect(assemble({ index: 0, function: { arguments: '{}' } }, null, 'garbage')).toEqual([]);
  });
});
