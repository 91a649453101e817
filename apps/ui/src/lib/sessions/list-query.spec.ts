import { describe, expect, it } from 'vitest';
import { apiQueryOf, EVERYTHING, isFiltered, listQueryOf, parametersOf, sortedBy } from './list-query';

const read = (address: string): ReturnType<typeof listQueryOf> => listQueryOf(new URLSearchParams(address));

describe(listQueryOf.name, () => {
  it('shows everything, newest first, when the address says nothing', () => {
    expect(read('')).toEqual(EVERYTHING);
    expect(parametersOf(EVERYTHING).toString()).toBe('');
  });

  it('gives back the address that it was read from', () => {
    const address =
      'status=failed%2Ctimed_out&search=disk+full&alert_type=DiskFull&chain_id=disks&sort_by=duration&sort_order=asc&page=3';
    expect(parametersOf(read(address)).toString()).toBe(new URLSearchParams('status=failed,timed_out&search=disk full&alert_type=DiskFull&chain_id=disks&sort_by=duration&sort_order=asc&page=3').toString()); // prettier-ignore
  });

  it('leaves out what it does not know', () => {
    expect(read('page=-2&status=lost,failed&sort_by=shoe_size&sort_order=up')).toEqual({
      ...EVERYTHING,
      statuses: ['failed'],
    });
  });
});

describe(apiQueryOf.name, () => {
  it('does not ask for a search that the API refuses', () => {
    expect(apiQueryOf({ ...EVERYTHING, search: 'ab' })).toBe('page_size=25');
    expect(apiQueryOf({ ...EVERYTHING, search: 'abc' })).toBe('search=abc&page_size=25');
  });
});

describe(sortedBy.name, () => {
  it('turns the order round on the second click and goes back to the first page', () => {
    const once = sortedBy({ ...EVERYTHING, page: 4 }, 'author');
    expect(once).toMatchObject({ page: 1, sortBy: 'author', sortOrder: 'asc' });
    expect(sortedBy(once, 'author')).toMatchObject({ sortOrder: 'desc' });
    expect(sortedBy(once, 'duration')).toMatchObject({ sortBy: 'duration', sortOrder: 'desc' });
  });
});

describe(isFiltered.name, () => {
  it('counts filters only, not the order or the page', () => {
    expect(isFiltered({ ...EVERYTHING, page: 2, sortBy: 'author' })).toBe(false);
    expect(isFiltered({ ...EVERYTHING, search: 'a' })).toBe(true);
  });
});
