import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SUBJECTS } from './subjects.fixture.js';
import type { ConformanceCase } from './trial.fixture.js';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/models.md', import.meta.url));
const TABLE = /(?<=<!-- conformance:begin -->\n)[^]*(?=<!-- conformance:end -->)/;

/** Which subject passed which case in this run. */
export class ConformanceResults {
  readonly #passed = new Set<string>();
  #ran = 0;

  ran(): void {
    this.#ran++;
  }

  passed(subject: string, feature: string): void {
    this.#passed.add(`${subject}\n${feature}`);
  }

  get count(): number {
    return this.#ran;
  }

  /** The table of the document, as this run would write it. */
  render(groups: Readonly<Record<string, readonly ConformanceCase[]>>): string {
    const reasons: string[] = [];
    const cellOf = ({ feature, absent }: ConformanceCase, subject: (typeof SUBJECTS)[number]): string => {
      const reason = absent?.[subject.dialect];
      if (reason === undefined) return this.#passed.has(`${subject.name}\n${feature}`) ? 'yes' : 'NO';
      if (!reasons.includes(reason)) reasons.push(reason);
      return `– (${reasons.indexOf(reason) + 1})`;
    };
    const rows = Object.entries(groups).flatMap(([group, cases]) => [
      `| **${group}** |${' |'.repeat(SUBJECTS.length)}`,
      ...cases.map((row) => `| ${row.feature} | ${SUBJECTS.map((subject) => cellOf(row, subject)).join(' | ')} |`),
    ]);
    const header = [`| | ${SUBJECTS.map(({ name }) => name).join(' | ')} |`, `|---|${'---|'.repeat(SUBJECTS.length)}`];
    const notes = reasons.map((reason, index) => `${index + 1}. Not to be had: ${reason}.`);
    return [...header, ...rows, '', ...notes, ''].join('\n');
  }
}

export const tableInDocument = (): string => TABLE.exec(readFileSync(DOCUMENT, 'utf8'))?.[0] ?? '';

export function writeTable(table: string): void {
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, 'utf8').replace(TABLE, () => table),
  );
}
