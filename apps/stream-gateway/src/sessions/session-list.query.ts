import { BadRequestException } from '@nestjs/common';
import { qualityRatingSchema, reviewStatusSchema, sessionStatusSchema, type SessionStatus } from '@tarsy/contracts';
import type { z } from 'zod';

export const SORT_FIELDS = [
  'created_at',
  'status',
  'alert_type',
  'author',
  'duration',
  'score',
  'quality_rating',
] as const;
export type SortField = (typeof SORT_FIELDS)[number];
const SCORING_FILTERS = ['scored', 'not_scored', 'scoring_in_progress', 'scoring_failed'] as const;
const SHORTEST_SEARCH = 3;
const DEFAULT_PAGE_SIZE = 25;
const LARGEST_PAGE_SIZE = 100;

/** What a caller asked of the list of sessions, checked. */
export interface SessionListQuery {
  /** From 1. */
  readonly page: number;
  /** 1 to 100. */
  readonly pageSize: number;
  readonly sortBy: SortField;
  readonly sortOrder: 'asc' | 'desc';
  readonly statuses?: readonly SessionStatus[];
  readonly alertType?: string;
  readonly chainId?: string;
  readonly assignee?: string;
  readonly scoringStatus?: (typeof SCORING_FILTERS)[number];
  /** At least three characters. */
  readonly search?: string;
  readonly createdFrom?: Date;
  /** Exclusive. */
  readonly createdBefore?: Date;
  readonly reviewStatuses?: readonly z.infer<typeof reviewStatusSchema>[];
  readonly qualityRating?: z.infer<typeof qualityRatingSchema>;
}

type Parameters = Readonly<Record<string, string | string[] | undefined>>;

/** @throws {BadRequestException} a value is not one of those allowed; bad paging is ignored instead */
export function parseSessionListQuery(parameters: Parameters): SessionListQuery {
  const text = (name: string): string | undefined => {
    const value = parameters[name];
    return (Array.isArray(value) ? value[0] : value) || undefined;
  };
  const query = {
    page: integerIn(text('page'), 1, Number.MAX_SAFE_INTEGER) ?? 1,
    pageSize: integerIn(text('page_size'), 1, LARGEST_PAGE_SIZE) ?? DEFAULT_PAGE_SIZE,
    sortBy: oneOf('sort_by', text('sort_by'), SORT_FIELDS) ?? 'created_at',
    sortOrder: oneOf('sort_order', text('sort_order'), ['asc', 'desc'] as const) ?? 'desc',
    statuses: manyOf('status', text('status'), sessionStatusSchema.options),
    alertType: text('alert_type'),
    chainId: text('chain_id'),
    assignee: text('assignee'),
    scoringStatus: oneOf('scoring_status', text('scoring_status'), SCORING_FILTERS),
    search: searchText(text('search')),
    createdFrom: instant('start_date', text('start_date')),
    createdBefore: instant('end_date', text('end_date')),
    reviewStatuses: manyOf('review_status', text('review_status'), reviewStatusSchema.options),
    qualityRating: oneOf('quality_rating', text('quality_rating'), qualityRatingSchema.options),
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as typeof query;
}

function integerIn(text: string | undefined, lowest: number, highest: number): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= lowest && value <= highest ? value : undefined;
}

function oneOf<Value extends string>(
  field: string,
  text: string | undefined,
  allowed: readonly Value[],
): Value | undefined {
  if (text === undefined) return undefined;
  const value = allowed.find((candidate) => candidate === text);
  if (value === undefined) throw invalid(field, `"${text}" is not one of ${allowed.join(', ')}`);
  return value;
}

function manyOf<Value extends string>(
  field: string,
  text: string | undefined,
  allowed: readonly Value[],
): Value[] | undefined {
  const parts = text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (!parts || parts.length === 0) return undefined;
  return parts.map((part) => oneOf(field, part, allowed)!);
}

function searchText(text: string | undefined): string | undefined {
  if (text !== undefined && text.trim().length < SHORTEST_SEARCH)
    throw invalid('search', `at least ${SHORTEST_SEARCH} characters are needed`);
  return text?.trim();
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function instant(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!RFC_3339.test(text) || Number.isNaN(date.getTime())) throw invalid(field, `"${text}" is not an RFC 3339 time`);
  return date;
}

const invalid = (field: string, reason: string): BadRequestException =>
  new BadRequestException(`validation error on field '${field}': ${reason}`);
