import type { Problem } from '../problems.js';
import type { Path, Position, YamlFile } from './yaml-file.js';

export const TARSY_FILE = 'tarsy.yaml';
export const PROVIDERS_FILE = 'llm-providers.yaml';
/** Sections that are maps by name have an id; the others have none. */
const NAMED_SECTIONS = new Set(['agents', 'agent_chains', 'mcp_servers', 'llm_providers']);

/** Collects what is wrong, with the place in the file. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  readonly #errorPaths: Path[] = [];
  readonly #files = new Map<string, YamlFile>();

  /** Places of problems below this file's sections are looked up in it from now on. */
  addFile(file: YamlFile): void {
    this.#files.set(file.name, file);
  }

  get all(): readonly Problem[] {
    return this.#problems.toSorted(byPlace);
  }

  get hasErrors(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error');
  }

  add(...problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  /** What follows from an error that was told already is not told again. */
  error(path: Path, message: string): void {
    if (this.#errorPaths.some((known) => known.every((step, index) => step === path[index]))) return;
    this.#errorPaths.push(path);
    this.#tell('error', path, message, this.#fileOf(path)?.locate(path));
  }

  warning(path: Path, message: string): void {
    this.#tell('warning', path, message, this.#fileOf(path)?.locate(path));
  }

  unknownKey(path: Path, nearest: string | undefined): void {
    const message = nearest ? `unknown key; did you mean "${nearest}"?` : 'unknown key';
    this.#tell('warning', path, message, this.#fileOf(path)?.locateKey(path));
  }

  #fileOf(path: Path): YamlFile | undefined {
    return this.#files.get(fileOf(path));
  }

  #tell(severity: Problem['severity'], path: Path, message: string, position: Position | undefined): void {
    this.#problems.push({ severity, file: fileOf(path), ...position, ...place(path), message });
  }
}

/** The file that a section belongs to. */
export function fileOf([section]: Path): string {
  return section === 'llm_providers' ? PROVIDERS_FILE : TARSY_FILE;
}

function place(path: Path): Pick<Problem, 'component' | 'id' | 'field'> {
  const [component = '', ...rest] = path.map(String);
  return NAMED_SECTIONS.has(component)
    ? { component, id: rest[0] ?? '', field: rest.slice(1).join('.') }
    : { component, id: '', field: rest.join('.') };
}

function byPlace(one: Problem, other: Problem): number {
  if (one.file !== other.file) return rank(one.file) - rank(other.file) || (one.file < other.file ? -1 : 1);
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);
}

/** The two files, then skills. */
function rank(file: string): number {
  const index = [TARSY_FILE, PROVIDERS_FILE].indexOf(file);
  return index === -1 ? 2 : index;
}
