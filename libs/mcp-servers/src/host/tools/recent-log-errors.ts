import { execFile } from 'node:child_process';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hostTool } from '../host-tool.js';

const FOLDER = '/var/log';
const MOST_FILES = 20;
const TAIL_BYTES = 256 * 1024;
const LONGEST_LINE = 400;
const ERROR_LINE = /\b(error|fatal|panic|critical|oom|out of memory|no space left|failed)\b/i;

export const recentLogErrors = hostTool({
  name: 'recent_log_errors',
  description:
    'Lines that speak of errors, at the ends of the newest readable files in /var/log, and errors of the journal where there is one.',
  input: { limit: z.int().min(1).max(100).default(30) },
  run: async ({ limit }) => {
    const { lines, read, unreadable } = await errorsOfFiles();
    const journal = await errorsOfJournal();
    return {
      files_read: read,
      files_unreadable: unreadable,
      journal: journal === undefined ? 'not available' : 'read',
      errors: [...(journal ?? []), ...lines].slice(-limit),
    };
  },
});

interface ErrorLine {
  readonly source: string;
  readonly line: string;
}

async function errorsOfFiles(): Promise<{ lines: ErrorLine[]; read: string[]; unreadable: number }> {
  const names = await readdir(FOLDER, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.filter((name) => !/\.(gz|xz|zst|journal|[0-9])$/.test(name)).slice(0, 2_000).map(async (name) => {
      const path = join(FOLDER, name);
      const info = await stat(path).catch(() => undefined);
      return info?.isFile() && info.size > 0 ? [{ path, at: info.mtimeMs }] : [];
    }),
  ); // prettier-ignore
  const newest = files
    .flat()
    .sort((left, right) => right.at - left.at)
    .slice(0, MOST_FILES);
  const lines: ErrorLine[] = [];
  const read: string[] = [];
  let unreadable = 0;
  for (const { path } of newest) {
    const text = await tail(path).catch(() => undefined);
    if (text === undefined) unreadable += 1;
    else {
      read.push(path);
      lines.push(...errorLines(path, text));
    }
  }
  return { lines, read, unreadable };
}

function errorLines(source: string, text: string): ErrorLine[] {
  return text.split('\n').filter((line) => ERROR_LINE.test(line)).map((line) => ({ source, line: line.slice(0, LONGEST_LINE) })); // prettier-ignore
}

async function tail(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8');
    return text.includes('\u0000') ? '' : text;
  } finally {
    await file.close();
  }
}

async function errorsOfJournal(): Promise<ErrorLine[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)(
      'journalctl',
      ['-p', 'err', '-n', '50', '--no-pager', '-o', 'short-iso'],
      { timeout: 5_000 },
    );
    return stdout
      .split('\n')
      .filter((line) => line && !line.startsWith('--'))
      .map((line) => ({ source: 'journal', line: line.slice(0, LONGEST_LINE) }));
  } catch {
    return undefined;
  }
}
