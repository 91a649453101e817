import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigurationError, formatProblem, loadConfiguration, type Configuration, type LoadOptions } from './index.js';

interface Files {
  readonly tarsy?: string;
  readonly providers?: string;
  /** Further files, by path below the directory. */
  readonly others?: Readonly<Record<string, string>>;
}

/** A configuration directory of its own. */
export function directoryWith({ tarsy = '', providers = '', others = {} }: Files): string {
  const directory = mkdtempSync(join(tmpdir(), 'tarsy-config-'));
  const files = { 'tarsy.yaml': tarsy, 'llm-providers.yaml': providers, ...others };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

/** Loads files in an environment that has nothing but what is given. */
export function load(files: Files | string, options: Omit<LoadOptions, 'directory'> = {}): Configuration {
  const directory = directoryWith(typeof files === 'string' ? { tarsy: files } : files);
  try {
    return loadConfiguration({ ...options, directory, environment: { HOME: '/nowhere', ...options.environment } });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What a user sees of files that can not be used; nothing where they can. */
export function problemsOf(files: Files | string, options: Omit<LoadOptions, 'directory'> = {}): string[] {
  try {
    load(files, options);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
}

/** What a user is warned of. */
export function warningsOf(files: Files | string, options: Omit<LoadOptions, 'directory'> = {}): string[] {
  return load(files, options).warnings.map(formatProblem);
}

/** A long list of known names is not what a test is about. */
export function brief(problem: string): string {
  return problem.replace(/; known: .*$/, '; known: …');
}
