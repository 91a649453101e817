import { AppError, messageOf } from '@tarsy/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { playbookSchema, type Playbook } from './playbook.schema.js';

/** A playbook file can not be used; the message names file and field. */
export class InvalidPlaybookError extends AppError {
  override readonly code = 'INVALID_PLAYBOOK';
  override readonly retryable = false;
}

const SHIPPED = fileURLToPath(new URL('../../../../../config/playbooks', import.meta.url));

/** `<configuration>/playbooks` where it exists, else the shipped ones. */
export function playbookDirectory(configurationDirectory: string | undefined): string {
  const own = configurationDirectory ? join(configurationDirectory, 'playbooks') : SHIPPED;
  return existsSync(own) ? own : SHIPPED;
}

/** @throws {InvalidPlaybookError} a file is no playbook */
export function loadPlaybooks(directory: string): Playbook[] {
  const files = readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  return files.map((file) => {
    try {
      return playbookSchema.parse(parse(readFileSync(join(directory, file), 'utf8')));
    } catch (error) {
      throw new InvalidPlaybookError(`${file}: ${messageOf(error)}`, { cause: error });
    }
  });
}
