import { execa } from 'execa';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchReport } from '../../tools/cli/src/bench/report.js';

const TARSY = fileURLToPath(new URL('../../tools/cli/dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tarsy-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('./tarsy bench', () => {
  it('measures every benchmark and writes its figures down', async () => {
    const file = join(folder, 'figures.json');
    const { exitCode, all } = await execa(process.execPath, [TARSY, 'bench', '--quick', '--json', file], {
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    expect(exitCode, all).toBe(0);

    const { isQuick, machine, results } = JSON.parse(readFileSync(file, 'utf8')) as BenchReport;
    expect(isQuick).toBe(true);
    expect(machine.cores).toBeGreaterThan(0);
    expect(results.map(({ name }) => name)).toEqual(['ingest', 'loop', 'concurrency', 'chains', 'viewers', 'models']);
    for (const { name, figures } of results) {
      expect(figures.length, name).toBeGreaterThan(2);
      for (const figure of figures) expect(Number.isFinite(figure.value), `${name}: ${figure.name}`).toBe(true);
      expect(all).toContain(figures[0]!.name);
    }
    const aimed = results.flatMap(({ figures }) => figures).filter(({ aim }) => aim !== undefined);
    expect(aimed.length).toBeGreaterThan(2);
  }, 300_000);

  it('refuses names that it does not know', async () => {
    const { exitCode, stderr } = await execa(process.execPath, [TARSY, 'bench', 'everything'], { reject: false });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('ingest, loop, concurrency, chains, viewers, models');
  });
});
