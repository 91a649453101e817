import { sha256 } from '@tarsy/core';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { skillFiles } from '../skills.js';
import { PROVIDERS_FILE, TARSY_FILE } from '../source/problem-list.js';

/** Changes whenever one of the files of a configuration directory does, also when a link leads to another file. */
export function fileState(directory: string): string {
  const states = filesOf(directory).map((file) => {
    const { ino, mtimeMs, size } = statSync(join(directory, file));
    return `${file}:${ino}:${mtimeMs}:${size}`;
  });
  return states.join('\n');
}

/** Twelve hexadecimal digits that are the same wherever the files hold the same. */
export function contentDigest(directory: string): string {
  const texts = filesOf(directory).map((file) => `${file}\n${readFileSync(join(directory, file), 'utf8')}`);
  return sha256(texts.join('\n')).slice(0, 12);
}

function filesOf(directory: string): string[] {
  const fixed = [TARSY_FILE, PROVIDERS_FILE, '.env'].filter((file) => existsSync(join(directory, file)));
  return [...fixed, ...skillFiles(directory)];
}
