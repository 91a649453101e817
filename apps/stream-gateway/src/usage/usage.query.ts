import { BadRequestException } from '@nestjs/common';
import { usageRankingSchema } from '@tarsy/contracts';
import type { UsageFilter } from '@tarsy/persistence';

const LONGEST_WINDOW_MS = 365 * 24 * 3_600_000;
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

type Parameters = Readonly<Record<string, string | string[] | undefined>>;

/**
 * @param isEstimated Whether costs are known at all.
 * @throws {BadRequestException} a date is missing or wrong, the window is too long, or the ranking is not to be had
 */
export function parseUsageQuery(parameters: Parameters, isEstimated: boolean): UsageFilter {
  const text = (name: string): string | undefined => [parameters[name]].flat()[0] || undefined;
  const start = instant('start_date', text('start_date'));
  const end = instant('end_date', text('end_date'));
  if (start >= end) throw invalid('start_date', 'must be before end_date');
  if (end.getTime() - start.getTime() > LONGEST_WINDOW_MS)
    throw invalid('end_date', 'at most 365 days after start_date');
  const [alertType, chainId] = [text('alert_type'), text('chain_id')];
  return {
    start,
    end,
    rankBy: ranking(text('rank_by'), isEstimated),
    ...(alertType === undefined ? {} : { alertType }),
    ...(chainId === undefined ? {} : { chainId }),
  };
}

function ranking(text: string | undefined, isEstimated: boolean): UsageFilter['rankBy'] {
  if (text === undefined) return isEstimated ? 'cost' : 'tokens';
  const rankBy = usageRankingSchema.options.find((option) => option === text);
  if (rankBy === undefined)
    throw invalid('rank_by', `"${text}" is not one of ${usageRankingSchema.options.join(', ')}`);
  if (rankBy === 'cost' && !isEstimated) throw invalid('rank_by', 'cost estimation is off');
  return rankBy;
}

function instant(field: string, text: string | undefined): Date {
  if (text === undefined) throw invalid(field, 'is required');
  const at = RFC_3339.test(text) ? new Date(text) : undefined;
  if (at === undefined || Number.isNaN(at.getTime())) throw invalid(field, 'must be an RFC 3339 time');
  return at;
}

function invalid(field: string, message: string): BadRequestException {
  return new BadRequestException(`validation error on field '${field}': ${message}`);
}
