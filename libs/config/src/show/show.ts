import { Document, isCollection, isScalar } from 'yaml';
import type { Configuration } from '../configuration.js';
import type { Origin } from '../effective.js';
import type { Path } from '../source/yaml-file.js';
import { maskedSections } from './masked.js';

export const SECTIONS = [
  'system',
  'defaults',
  'queue',
  'agents',
  'agent_chains',
  'mcp_servers',
  'llm_providers',
  'skills',
] as const;
export type Section = (typeof SECTIONS)[number];

export interface ShownConfiguration {
  readonly sections: Readonly<Partial<Record<Section, unknown>>>;
  /** By dotted path of each value. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** The effective configuration with where each value comes from; secrets masked. */
export function shownConfiguration(
  configuration: Configuration,
  wanted: readonly Section[] = SECTIONS,
): ShownConfiguration {
  const skills = mapValues(configuration.skills, ({ name, description }) => ({ name, description }));
  const all: Record<Section, unknown> = { ...maskedSections(configuration.effective), skills };
  const sections = Object.fromEntries(wanted.map((section) => [section, all[section]]));
  const origins: Record<string, Origin> = {};
  visitValues(sections, [], (path) => (origins[path.join('.')] = originOf(configuration, path)));
  return { sections, origins };
}

/** The same as YAML, each value with its origin as a comment. */
export function shownAsYaml(configuration: Configuration, wanted?: readonly Section[]): string {
  const { sections, origins } = shownConfiguration(configuration, wanted);
  const document = new Document(sections, { aliasDuplicateObjects: false });
  const annotate = (node: unknown, path: Path): void => {
    const origin = origins[path.join('.')];
    if (origin && (isScalar(node) || isCollection(node))) node.comment = ` ${formatOrigin(origin)}`;
  };
  visitValues(sections, [], (path) => annotate(document.getIn(path, true), path));
  // Comments of empty ones would stand on lines of their own.
  return document.toString({ lineWidth: 0 }).replace(/(:|-)\n\s+(\[\]|\{\})\n\s+(# .*)/g, '$1 $2 $3');
}

function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'environment':
      return `environment: ${origin.variable}`;
    default:
      return origin.kind;
  }
}

function originOf({ effective }: Configuration, path: Path): Origin {
  return path[0] === 'skills' ? { kind: 'file', file: 'skills', line: 1 } : effective.originOf(path);
}

/** Calls back for everything that is not a mapping or list with something in it. */
function visitValues(value: unknown, path: Path, visitor: (path: Path) => void): void {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  if (entries.length === 0) visitor(path);
  for (const [key, item] of entries) visitValues(item, [...path, key], visitor);
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
