/** What a figure is aimed at; inclusive. */
export interface Aim {
  readonly least?: number;
  readonly most?: number;
}

/** One measured number. */
export interface Figure {
  readonly name: string;
  /** Such as `alerts/s` or `ms`. */
  readonly unit: string;
  readonly value: number;
  readonly aim?: Aim;
}

/** What one process used while a benchmark measured. */
export interface ProcessUse {
  readonly name: string;
  readonly cpuSeconds: number;
  /** 100 is one core all the time. */
  readonly cpuPercent: number;
  /** Highest resident memory since the process began, in megabytes (10^6 bytes). */
  readonly peakMemoryMegabytes: number;
}

export interface BenchmarkResult {
  readonly name: string;
  readonly title: string;
  /** What was run, such as how many sessions. */
  readonly settings: Readonly<Record<string, number>>;
  readonly figures: readonly Figure[];
  readonly processes: readonly ProcessUse[];
}

/**
 * @param share 0 to 1; 0.5 is the median.
 * @returns the smallest value that at least this share of them does not exceed; NaN of none
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Undefined where nothing was aimed at. */
export function isAimMet({ value, aim }: Figure): boolean | undefined {
  if (aim === undefined) return undefined;
  return value >= (aim.least ?? -Infinity) && value <= (aim.most ?? Infinity);
}

/** Three digits that count, more only for whole numbers: `12,345`, `104`, `3.21`, `0.0456`. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
