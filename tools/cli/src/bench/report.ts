import { cpus, release, totalmem, type } from 'node:os';
import { formatValue, isAimMet, type Aim, type BenchmarkResult } from './figures.js';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
  /** Names and versions of the servers that the benchmark started. */
  readonly servers: Readonly<Record<string, string>>;
}

export interface BenchReport {
  /** Quick runs show that everything works; their figures say nothing. */
  readonly isQuick: boolean;
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly results: readonly BenchmarkResult[];
}

export function thisMachine(servers: readonly { readonly name: string; readonly version: string }[]): Machine {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGigabytes: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    servers: Object.fromEntries(servers.map(({ name, version }) => [name, version])),
  };
}

/** Rows of figure, value, aim and verdict. */
export function figureRows({ figures }: BenchmarkResult): string[][] {
  return figures.map((figure) => [
    figure.name,
    `${formatValue(figure.value)} ${figure.unit}`.trim(),
    aimText(figure.aim, figure.unit),
    { true: 'met', false: 'missed', undefined: '' }[String(isAimMet(figure)) as 'true' | 'false' | 'undefined'],
  ]);
}

/** One line: `ingest-1 87 % 140 MB, nats-server 60 % 90 MB`. */
export function useText({ processes }: BenchmarkResult): string {
  return processes
    .filter(({ cpuPercent }) => cpuPercent > 0)
    .map(({ name, cpuPercent, peakMemoryMegabytes }) => `${name} ${cpuPercent} % ${peakMemoryMegabytes} MB`)
    .join(', ');
}

function aimText(aim: Aim | undefined, unit: string): string {
  if (aim?.least !== undefined) return `>= ${formatValue(aim.least)} ${unit}`;
  if (aim?.most !== undefined) return `<= ${formatValue(aim.most)} ${unit}`;
  return '';
}

const BEGIN = '<!-- figures: written by `./tarsy bench --write-docs` -->';
const END = '<!-- end of figures -->';

/**
 * The document with its figures replaced by those of the report.
 * @throws {Error} the document has no place for them
 */
export function withFigures(document: string, report: BenchReport): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the document has no lines "${BEGIN}" and "${END}"`);
  const figures = `<!-- prettier-ignore-start -->\n\n${figuresText(report)}\n\n<!-- prettier-ignore-end -->`;
  return `${document.slice(0, begin + BEGIN.length)}\n${figures}\n${document.slice(end)}`;
}

function figuresText({ measuredAt, machine, results }: BenchReport): string {
  const { cores, processor, memoryGigabytes, system, node, servers } = machine;
  const versions = Object.entries(servers).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${measuredAt.slice(0, 10)}: ${cores} cores (${processor}), ${memoryGigabytes} GB, ${system}, Node.js ${node}${versions.map((each) => `, ${each}`).join('')}. Everything, load generators included, on this one machine.`,
    ...results.map((result) =>
      [
        `### ${result.title}`,
        '',
        Object.entries(result.settings).map(([name, value]) => `${words(name)} ${formatValue(value)}`).join(', '), // prettier-ignore
        '',
        '| figure | measured | aim | |',
        '| --- | ---: | ---: | --- |',
        ...figureRows(result).map((cells) => `| ${cells.join(' | ')} |`),
        ...useParagraph(result),
      ].join('\n'),
    ),
  ].join('\n\n');
}

/** Nothing for a benchmark that starts no process. */
function useParagraph(result: BenchmarkResult): string[] {
  const use = useText(result);
  return use === '' ? [] : ['', `Processor time (100 % is one core) and peak memory: ${use}.`];
}

const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
