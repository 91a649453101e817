import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mentions } from '@tarsy/testing';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { describeInBrowser, it, submitted, type Dashboard } from './dashboard.js';

const PAGE_SIZE = 25;

/** Every alert that carries the marker is investigated in one answer. */
function scriptAlike({ model }: Dashboard): string {
  const marker = `group-${randomUUID()}`;
  model.script({ name: marker, matches: mentions(marker), turns: () => ({ text: `All is well. ${marker}` }) });
  return marker;
}

/** Sessions in the table, without its head. */
const rowsOf = (page: Page): ReturnType<Page['locator']> => page.locator('main tbody tr');

describeInBrowser('the list of sessions', () => {
  it('shows a new session, what it does and how it ends, without being asked', async ({ dashboard, open }) => {
    const rest = Promise.withResolvers<void>();
    const marker = dashboard.script((mark) => [
      { text: `Fine. ${mark}`, beforeAnswer: rest.promise },
      { text: 'Nothing to do.' },
    ]);
    const page = await open(`/?search=${marker}`);
    await page.getByText('No session matches').waitFor();
    await submitted(dashboard, marker);
    const row = rowsOf(page).first();
    await row.getByText('in progress').waitFor();
    rest.resolve();
    await row.getByText('completed').waitFor();
    await row.getByText('Nothing to do.').waitFor();
    await page.getByText('1 session', { exact: true }).waitFor();
  });

  it('filters, searches, sorts and pages by its address, so that a link or the way back shows the same', async ({
    dashboard,
    open,
  }) => {
    const marker = scriptAlike(dashboard);
    const ids = await Promise.all(
      Array.from({ length: PAGE_SIZE + 2 }, (_, number) =>
        submitted(dashboard, marker, number === 0 ? 'two-stages' : 'short'),
      ),
    );
    await Promise.all(ids.map((id) => dashboard.system.finished(id)));
    const page = await open('/');
    const rows = rowsOf(page);

    await page.getByRole('searchbox', { name: 'Search sessions' }).fill(marker);
    await page.getByText('27 sessions').waitFor();
    expect(new URL(page.url()).searchParams.get('search')).toBe(marker);
    expect(await rows.count()).toBe(PAGE_SIZE);

    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2 of 2').waitFor();
    await expect.poll(() => rows.count()).toBe(2);
    expect(new URL(page.url()).searchParams.get('page')).toBe('2');

    await page.getByRole('columnheader', { name: 'Age' }).getByRole('button').click();
    await page.waitForURL(/sort_order=asc/);
    expect(new URL(page.url()).searchParams.get('page')).toBeNull();
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'Age' }).getAttribute('aria-sort'))
      .toBe('ascending');

    await page.getByLabel('Alert type').selectOption('two-stages');
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().getByRole('link').getAttribute('href')).toBe(`/sessions/${ids[0]}`);

    await page.getByRole('group', { name: 'Filter by status' }).getByRole('button', { name: 'failed' }).click();
    await page.getByText('No session matches').waitFor();
    const address = new URL(page.url());
    expect(Object.fromEntries(address.searchParams)).toEqual({
      search: marker,
      alert_type: 'two-stages',
      status: 'failed',
      sort_order: 'asc',
    });

    await page.goBack();
    await expect.poll(() => rows.count()).toBe(1);
    const again = await open(page.url());
    await expect.poll(() => rowsOf(again).count()).toBe(1);
    expect(await again.getByRole('searchbox').inputValue()).toBe(marker);
    expect(await again.getByLabel('Alert type').inputValue()).toBe('two-stages');
    await again.getByRole('button', { name: 'Clear filters' }).click();
    await expect.poll(() => new URL(again.url()).searchParams.get('search')).toBeNull();
  });

  it('lets a reader go who opens a session while still typing', async ({ dashboard, open }) => {
    const sessionId = await submitted(dashboard, scriptAlike(dashboard));
    const page = await open('/submit');
    await page.clock.install();
    await page.goto('/');
    const link = page.locator(`main a[href="/sessions/${sessionId}"]`);
    await link.waitFor();
    await page.getByRole('searchbox').fill('something else');
    await link.click();
    await page.waitForURL(`**/sessions/${sessionId}`);
    await page.clock.fastForward(5_000);
    await page.getByRole('region', { name: 'Timeline' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/sessions/${sessionId}`);
  });

  it('shows why it could not be loaded, and loads when it is asked again', async ({ dashboard, open, troubles }) => {
    troubles.expect(/500/);
    await submitted(dashboard, scriptAlike(dashboard));
    const page = await open('/submit');
    await page.route(/\/api\/v1\/sessions\?/, (route) =>
      route.fulfill({ status: 500, json: { message: 'the database is on holiday' } }),
    );
    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await page.getByText('The sessions could not be loaded').waitFor();
    await page.getByText('the database is on holiday').waitFor();
    await page.unroute(/\/api\/v1\/sessions\?/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await rowsOf(page).first().waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  it('loads no library that the server alone needs', () => {
    const build = new URL('../../apps/ui/build/_app/immutable/', import.meta.url);
    const scripts = readdirSync(build, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.filter((name) => /ZodError|_zod/.test(readFileSync(new URL(name, build), 'utf8')))).toEqual([]);
  });
});
