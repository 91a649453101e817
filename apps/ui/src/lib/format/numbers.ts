import { t } from '../i18n/text';

const exact = new Intl.NumberFormat('en');

/** Every digit: `12,345`. */
export const exactText = (count: number): string => exact.format(count);

/** Three digits at most: `980`, `12.3k`, `4.6M`. */
export function countText(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 999_950) return `${trimmed(count / 1_000)}k`;
  return `${trimmed(count / 1_000_000)}M`;
}

const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 2 });

/**
 * `$1.25`; what is less than a cent is `< $0.01`.
 *
 * @param isPartial A part of what was used has no price, so it is `at least $1.25`. Default false.
 */
export function costText(costUsd: number, isPartial = false): string {
  if (isPartial) return t('cost.atLeast', { cost: dollars.format(costUsd) });
  return costUsd > 0 && costUsd < 0.01 ? '< $0.01' : dollars.format(costUsd);
}

/** `512 B`, `1.5 KiB`, `3 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${unit === 0 ? value : trimmed(value)} ${units[unit]}`;
}

const trimmed = (value: number): string => value.toFixed(value < 100 ? 1 : 0).replace(/\.0$/, '');
