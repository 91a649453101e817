import type { Skill } from '@tarsy/contracts';
import type { PromptContext } from './prompt-context.js';

/** Skills that the agent has from the beginning, whole, and those that it may load, by name. */
export function skillsSection({ task: { requiredSkills = [], availableSkills = [] } }: PromptContext): string {
  return [preloaded(requiredSkills), available(availableSkills)].filter((text) => text !== '').join('\n\n');
}

function preloaded(skills: readonly Skill[]): string {
  if (skills.length === 0) return '';
  return ['## Pre-loaded Skills', ...skills.map(({ name, body }) => `### ${name}\n${body.trim()}`)].join('\n\n');
}

function available(skills: readonly Skill[]): string {
  if (skills.length === 0) return '';
  return [
    '## Available Skills',
    'Before you work on something that one of these is about, load it with `load_skill`.',
    '<available_skills>',
    ...skills.map(({ name, description }) => `- ${name}: ${description.replace(/\s+/g, ' ').trim()}`),
    '</available_skills>',
  ].join('\n');
}
