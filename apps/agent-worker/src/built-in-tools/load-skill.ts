import type { Skill } from '@tarsy/contracts';

export interface ToolAnswer {
  readonly content: string;
  readonly isError: boolean;
}

/** Bodies of the named skills, then which of the names are none. Pure. */
export function loadSkills(given: Readonly<Record<string, unknown>>, available: readonly Skill[]): ToolAnswer {
  const names = namesIn(given);
  const offer = `Available skills: ${available.map(({ name }) => name).join(', ')}.`;
  if (names.length === 0) return { content: `Name at least one skill. ${offer}`, isError: true };
  const skills = names.flatMap((name) => available.find((skill) => skill.name === name) ?? []);
  const unknown = names.filter((name) => !skills.some((skill) => skill.name === name));
  const complaint = unknown.length === 0 ? [] : [`No such skill: ${unknown.join(', ')}. ${offer}`];
  const bodies = skills.map(({ name, body }) => `## Skill: ${name}\n\n${body.trim()}`);
  return { content: [...bodies, ...complaint].join('\n\n'), isError: skills.length === 0 };
}

/** A list as demanded, or what models send in its place: one name, or several with commas. */
function namesIn(given: Readonly<Record<string, unknown>>): string[] {
  const value = given['names'] ?? given['name'] ?? given['input'];
  const parts: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  const names = parts.flatMap((part) => (typeof part === 'string' && part.trim() !== '' ? [part.trim()] : []));
  return [...new Set(names)];
}
