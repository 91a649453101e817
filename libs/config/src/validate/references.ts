import { BACKENDS } from '../schema/primitives.js';
import type { Path } from '../source/yaml-file.js';
import { nearestOf } from '../source/nearest.js';
import type { Checked, Report } from './checked.js';

/** Names in one message. */
const MOST_LISTED = 10;

/** Checks names that must lead to an entry, and reports those that do not. */
export class References {
  readonly #agents: Readonly<Record<string, unknown>>;
  readonly #servers: Readonly<Record<string, unknown>>;
  readonly #providers: Readonly<Record<string, unknown>> | undefined;
  readonly #skillNames: ReadonlySet<string> | undefined;

  constructor(
    { tarsy, providers, skillNames }: Checked,
    readonly report: Report,
  ) {
    this.#agents = tarsy.agents;
    this.#servers = tarsy.mcp_servers;
    this.#providers = providers;
    this.#skillNames = skillNames;
  }

  agent(path: Path, name: string): void {
    this.#known(path, 'agent', name, Object.keys(this.#agents));
  }

  /** Absent or empty: as broader levels say. */
  provider(path: Path, name: string | undefined): void {
    if (name && this.#providers) this.#known(path, 'LLM provider', name, Object.keys(this.#providers));
  }

  backend(path: Path, name: string | undefined): void {
    if (name && !isBackend(name)) this.report.error(path, `must be ${BACKENDS.join(' or ')}`);
  }

  servers(path: Path, ids: readonly string[]): void {
    for (const [index, id] of ids.entries())
      this.#known([...path, index], 'MCP server', id, Object.keys(this.#servers));
  }

  skills(path: Path, names: readonly string[] | undefined): void {
    for (const [index, name] of (names ?? []).entries()) {
      const below = [...path, index];
      if (names!.indexOf(name) < index) this.report.error(below, `skill "${name}" is listed twice`);
      else if (this.#skillNames) this.#known(below, 'skill', name, [...this.#skillNames]);
    }
  }

  fallbacks(
    path: Path,
    entries: readonly { readonly provider: string; readonly backend?: string | undefined }[] | undefined,
  ): void {
    for (const [index, { provider, backend }] of (entries ?? []).entries()) {
      if (provider) this.provider([...path, index, 'provider'], provider);
      else this.report.error([...path, index, 'provider'], 'is required');
      if (backend) this.backend([...path, index, 'backend'], backend);
      else this.report.error([...path, index, 'backend'], `is required: ${BACKENDS.join(' or ')}`);
    }
  }

  #known(path: Path, kind: string, name: string, known: readonly string[]): void {
    if (known.includes(name)) return;
    this.report.error(path, `${kind} "${name}" is not defined${hint(name, known)}`);
  }
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestOf(name, known);
  if (nearest) return `; did you mean "${nearest}"?`;
  const more = known.length > MOST_LISTED ? ` and ${known.length - MOST_LISTED} more` : '';
  return known.length > 0 ? `; known: ${known.toSorted().slice(0, MOST_LISTED).join(', ')}${more}` : '';
}

export function isBackend(text: string): boolean {
  return (BACKENDS as readonly string[]).includes(text);
}
