import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const source = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith('.ts') && name !== 'every-rule.spec.ts')
    .map((name) => `${folder}/${name}`);
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const isSpec = (path: string): boolean => path.endsWith('.spec.ts');

/** A text of a rule as the code has it, and what a message made from it looks like. */
interface Rule {
  readonly text: string;
  readonly pattern: RegExp;
}

/** What people read: the last text in a report, and the texts of the schema that say how something must be. */
function rulesIn(path: string): Rule[] {
  const code = read(path);
  const reports = [...code.matchAll(/report\.(?:error|warning)\(([\s\S]*?)\);/g)].flatMap(([, given]) => {
    const texts = [...given!.matchAll(/'([^']+)'(?=\s*(?:,\s*)?$)|`([^`]+)`(?=\s*(?:,\s*)?$)/g)];
    return texts.map(([, plain, template]) => plain ?? template!);
  });
  const schema = path.startsWith('../schema') ? [...code.matchAll(/'(must [^']+)'/g)].map(([, text]) => text!) : [];
  return [...reports, ...schema].map((text) => ({ text, pattern: patternOf(text) }));
}

function patternOf(text: string): RegExp {
  const parts = text.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  // Lists of what is known are cut short in the tests.
  return new RegExp(parts.join('.+').replace(/(known: )\.\+$/, '$1'));
}

describe('every rule', () => {
  const tests = [...source('.'), ...source('..')].filter(isSpec).map(read).join('\n');
  const rules = [...source('.'), ...source('../schema')].filter((path) => !isSpec(path)).flatMap(rulesIn);

  it('is found in the code', () => {
    expect(rules.length).toBeGreaterThan(60);
  });

  it.each(rules.map(({ text, pattern }): [string, RegExp] => [text, pattern]))(
    'has a bad file and the message that people read: %s',
    (_, pattern) => expect(tests).toMatch(pattern),
  );
});
