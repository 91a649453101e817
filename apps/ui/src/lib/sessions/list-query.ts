import type { SessionStatus } from '@tarsy/contracts';

export const SORT_FIELDS = ['created_at', 'status', 'alert_type', 'author', 'duration'] as const;
export type SortField = (typeof SORT_FIELDS)[number];

export const STATUSES: readonly SessionStatus[] = [
  'pending',
  'in_progress',
  'paused',
  'cancelling',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
];

/** The API refuses shorter ones. */
export const SHORTEST_SEARCH = 3;
export const PAGE_SIZE = 25;

/** What the list shows; lives in the address bar, so that a link leads to the same list. */
export interface ListQuery {
  /** From 1. */
  readonly page: number;
  /** Empty shows all. */
  readonly statuses: readonly SessionStatus[];
  /** '' searches nothing. */
  readonly search: string;
  /** '' shows all. */
  readonly alertType: string;
  /** '' shows all. */
  readonly chainId: string;
  readonly sortBy: SortField;
  readonly sortOrder: 'asc' | 'desc';
}

export const EVERYTHING: ListQuery = {
  page: 1,
  statuses: [],
  search: '',
  alertType: '',
  chainId: '',
  sortBy: 'created_at',
  sortOrder: 'desc',
};

/** Reads an address; what it does not know it leaves out, so that an old link still shows something. */
export function listQueryOf(parameters: Pick<URLSearchParams, 'get'>): ListQuery {
  const page = Number(parameters.get('page'));
  const named = (parameters.get('status') ?? '').split(',');
  return {
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    statuses: STATUSES.filter((status) => named.includes(status)),
    search: parameters.get('search')?.trim() ?? '',
    alertType: parameters.get('alert_type') ?? '',
    chainId: parameters.get('chain_id') ?? '',
    sortBy: SORT_FIELDS.find((field) => field === parameters.get('sort_by')) ?? EVERYTHING.sortBy,
    sortOrder: parameters.get('sort_order') === 'asc' ? 'asc' : 'desc',
  };
}

/** The address of a list, without what is so anyway. */
export function parametersOf(query: ListQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (query.statuses.length > 0) parameters.set('status', query.statuses.join(','));
  if (query.search) parameters.set('search', query.search);
  if (query.alertType) parameters.set('alert_type', query.alertType);
  if (query.chainId) parameters.set('chain_id', query.chainId);
  if (query.sortBy !== EVERYTHING.sortBy) parameters.set('sort_by', query.sortBy);
  if (query.sortOrder !== EVERYTHING.sortOrder) parameters.set('sort_order', query.sortOrder);
  if (query.page > 1) parameters.set('page', String(query.page));
  return parameters;
}

/** What the API is asked; a search that it would refuse is left out. */
export function apiQueryOf(query: ListQuery): string {
  const parameters = parametersOf(query);
  if (query.search.length < SHORTEST_SEARCH) parameters.delete('search');
  parameters.set('page_size', String(PAGE_SIZE));
  return parameters.toString();
}

export const isFiltered = ({ statuses, search, alertType, chainId }: ListQuery): boolean =>
  statuses.length > 0 || search !== '' || alertType !== '' || chainId !== '';

/** The list after a click on the head of a column: times and lengths begin with the largest, words with A. */
export function sortedBy(query: ListQuery, field: SortField): ListQuery {
  const firstOrder = field === 'created_at' || field === 'duration' ? 'desc' : 'asc';
  const other = query.sortOrder === 'asc' ? 'desc' : 'asc';
  return { ...query, page: 1, sortBy: field, sortOrder: query.sortBy === field ? other : firstOrder };
}
