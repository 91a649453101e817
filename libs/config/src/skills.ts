import { messageOf } from '@tarsy/core';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Problem } from './problems.js';

/** Knowledge that an agent has in its prompt, or may load when it needs it. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Markdown. */
  readonly body: string;
}

/**
 * Skills of a configuration directory: `skills/<folder>/SKILL.md` and plain files in `skills/`; dot-files are ignored. What is wrong is
 * added to `problems`.
 */
export function readSkills(directory: string, problems: Problem[]): Readonly<Record<string, Skill>> {
  const files = new Map<string, string>();
  const skills: Record<string, Skill> = {};
  for (const file of skillFiles(directory)) {
    const fail = (message: string, line?: number): void => {
      problems.push({ severity: 'error', file, ...(line ? { line, column: 1 } : {}), component: 'skills', id: '', field: '', message }); // prettier-ignore
    };
    try {
      const skill = parseSkill(readFileSync(join(directory, file), 'utf8'));
      const other = files.get(skill.name);
      if (other) fail(`skill "${skill.name}" is already defined in ${other}`);
      else {
        files.set(skill.name, file);
        skills[skill.name] = skill;
      }
    } catch (error) {
      fail(messageOf(error).split('\n')[0]!, 1);
    }
  }
  return skills;
}

/** @throws {Error} what is missing */
export function parseSkill(text: string): Skill {
  const match = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n?---[ \t]*(?:\r?\n|$)([\s\S]*)$/.exec(text);
  if (!match) throw new Error('malformed skill: the file must begin with front matter between "---" lines');
  let front: unknown;
  try {
    front = parse(match[1]!);
  } catch (error) {
    throw new Error(`malformed skill: invalid front matter: ${messageOf(error).split('\n')[0]}`, { cause: error });
  }
  const { name, description } = (typeof front === 'object' && front !== null ? front : {}) as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') throw new Error('malformed skill: "name" is required in the front matter'); // prettier-ignore
  if (typeof description !== 'string' || description === '')
    throw new Error('malformed skill: "description" is required in the front matter');
  return { name, description, body: match[2]!.trim() };
}

/** Paths below the configuration directory, in order of their names. */
export function skillFiles(directory: string): string[] {
  const folder = join(directory, 'skills');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .flatMap((name) => {
      // Follows links: a mounted ConfigMap holds nothing else.
      if (statSync(join(folder, name)).isFile()) return [join('skills', name)];
      const file = join('skills', name, 'SKILL.md');
      return existsSync(join(directory, file)) ? [file] : [];
    });
}
