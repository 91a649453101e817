import {
  ConfigurationError,
  configurationDirectory,
  jsonSchemas,
  loadConfiguration,
  SECTIONS,
  shownAsYaml,
  shownConfiguration,
  type LoadOptions,
  type Problem,
  type Section,
} from '@tarsy/config';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { join, relative } from 'node:path';
import { say } from './output.js';

interface Choice {
  readonly configDir?: string;
  readonly ignoreEnvironment?: boolean;
}

const DIRECTORY = ['--config-dir <dir>', 'folder with tarsy.yaml, llm-providers.yaml and skills/'] as const;

export function addConfigCommand(program: Command): void {
  const config = program.command('config').description('checks and shows the configuration');
  config
    .command('validate')
    .description('prints every problem as file:line:column; exits 1 when there is an error')
    .option(...DIRECTORY)
    .option('--ignore-environment', 'leave out what depends on variables: credentials, and {{.NAME}} that are not set')
    .action((choice: Choice) => validate(choice));
  config
    .command('show')
    .description('prints the effective configuration and where each value comes from, secrets masked')
    .option(...DIRECTORY)
    .option('--json', 'values and origins as JSON')
    .option('--section <names>', `comma list of ${SECTIONS.join(', ')}`, sectionsOf)
    .action(({ json, section, ...choice }: Choice & { json?: boolean; section?: Section[] }) => {
      const configuration = loadConfiguration({ ...optionsOf(choice), keepUnset: true });
      console.log(
        json
          ? JSON.stringify(shownConfiguration(configuration, section), undefined, 2)
          : shownAsYaml(configuration, section).trimEnd(),
      );
    });
  config
    .command('schema')
    .description('prints the JSON Schema of a file, for editors')
    .addOption(new Option('--file <name>').choices(['tarsy', 'llm-providers']).default('tarsy'))
    .action(({ file }: { file: 'tarsy' | 'llm-providers' }) => {
      console.log(JSON.stringify(jsonSchemas()[`${file}.schema.json`], undefined, 2));
    });
}

function validate(choice: Choice): void {
  const options = optionsOf(choice);
  const directory = configurationDirectory(options);
  const problems = problemsOf({
    ...options,
    keepUnset: choice.ignoreEnvironment ?? false,
    checkCredentials: !choice.ignoreEnvironment,
  });
  for (const problem of problems) console.log(compilerLine(directory, problem));
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  say(`${directory}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`);
  if (errors > 0) process.exitCode = 1;
}

function problemsOf(options: LoadOptions): readonly Problem[] {
  try {
    return loadConfiguration(options).warnings;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [...error.problems, ...error.warnings];
  }
}

/** `config/tarsy.yaml:12:5: error: agents.Detective.max_iterations: must be at least 1` */
function compilerLine(directory: string, { file, line, column, severity, message, ...where }: Problem): string {
  const path = relative(process.cwd(), join(directory, file));
  const position = [path.startsWith('..') ? join(directory, file) : path, line, column];
  const place = [where.component, where.id, where.field].filter(Boolean).join('.');
  return [position.filter((part) => part !== undefined).join(':'), severity, place, message].filter(Boolean).join(': ');
}

function optionsOf({ configDir }: Choice): LoadOptions {
  return configDir ? { directory: configDir } : {};
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
}

function sectionsOf(text: string): Section[] {
  return text.split(',').map((name) => {
    const section = SECTIONS.find((known) => known === name.trim());
    if (!section) throw new InvalidArgumentError(`"${name}" is not one of ${SECTIONS.join(', ')}`);
    return section;
  });
}
