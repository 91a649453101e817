import { describe, expect, it } from 'vitest';
import { load, problemsOf } from './configuration.fixture.js';
import { parseSkill } from './skills.js';

const skill = (name: string, body = 'Body.'): string => `---\nname: ${name}\ndescription: About ${name}\n---\n\n${body}\n`; // prettier-ignore

describe('skills', () => {
  it('are read from folders and from flat files, named by their front matter', () => {
    const others = {
      'skills/one/SKILL.md': skill('first', '# One\n\n---\n\nrest {{.HOME}}'),
      'skills/two.md': skill('second'),
      'skills/.hidden.md': 'ignored',
      'skills/empty/notes.md': 'ignored',
    };
    expect(load({ others }).skills).toEqual({
      first: { name: 'first', description: 'About first', body: '# One\n\n---\n\nrest {{.HOME}}' },
      second: { name: 'second', description: 'About second', body: 'Body.' },
    });
  });

  it('are none where there is no folder', () => {
    expect(load('').skills).toEqual({});
  });

  it.each([
    ['text', 'the file must begin with front matter between "---" lines'],
    ['---\nname: s\n---\n', '"description" is required in the front matter'],
    ['---\ndescription: d\n---\n', '"name" is required in the front matter'],
    ['---\nname: [\n---\n', 'invalid front matter'],
  ])('are refused when malformed: %j', (text, reason) => {
    expect(() => parseSkill(text)).toThrow(reason);
    expect(problemsOf({ others: { 'skills/s.md': text } }).join('\n')).toContain(`skills/s.md:1:1: skills: malformed skill: ${reason}`); // prettier-ignore
  });

  it('may not have the same name twice', () => {
    expect(problemsOf({ others: { 'skills/a.md': skill('s'), 'skills/b/SKILL.md': skill('s') } })).toEqual([
      'skills/b/SKILL.md: skills: skill "s" is already defined in skills/a.md',
    ]);
  });

  it('may be written with Windows line ends', () => {
    expect(parseSkill(skill('s').replaceAll('\n', '\r\n'))).toMatchObject({ name: 's', body: 'Body.' });
  });
});
