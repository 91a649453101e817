import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

/** How many pixels of the page are below the window. */
const toEnd = (page: Page): Promise<number> =>
  page.locator('html').evaluate((html) => html.scrollHeight - html.clientHeight - html.scrollTop);

describeInBrowser('the page of a session that runs', () => {
  it('shows thoughts and text while the model still writes them', async ({ dashboard, open }) => {
    const rest = Promise.withResolvers<void>();
    const marker = dashboard.script((mark) => [
      {
        thinking: 'Is it the disk or the inodes?',
        text: 'It is the disk. It is full.',
        pieces: 2,
        gate: { afterChunks: 3, until: rest.promise },
        ...calling('echo', { message: mark }),
      },
      { text: `Done. ${mark}` },
      { text: 'Short.' },
    ]);
    const page = await open(`/sessions/${await submitted(dashboard, marker)}`);
    await page.getByText('Is it the disk or the inodes?').waitFor();
    const answer = page.getByRole('article', { name: 'Answer' }).first();
    await answer.getByText('It is the disk').waitFor();
    expect(await answer.innerText()).not.toContain('It is full.');
    expect(await answer.innerText()).toContain('writing');
    rest.resolve();
    await answer.getByText('It is the disk. It is full.').waitFor();
    await page.getByRole('article', { name: 'Final analysis' }).getByText('Done.').waitFor();
    await page.getByRole('region', { name: 'Executive summary' }).waitFor();
    expect(await answer.innerText()).not.toContain('writing');
  });

  it('opens a tool call to its arguments and its result', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [
      calling('echo', { message: `hello ${mark}` }),
      { text: `Done. ${mark}` },
      { text: 'Short.' },
    ]);
    const page = await open(`/sessions/${await submitted(dashboard, marker)}`);
    const call = page.getByRole('article', { name: 'Tool call' });
    const head = call.getByRole('button', { name: /everything.*echo/ });
    await head.click();
    expect(await head.getAttribute('aria-expanded')).toBe('true');
    await call.getByRole('region', { name: 'Arguments' }).getByText(`"hello ${marker}"`).waitFor();
    await call.getByRole('region', { name: 'Result' }).first().getByText(`Echo: hello ${marker}`).waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await call.getByRole('button', { name: 'Copy result' }).click();
    await expect.poll(() => page.evaluate<string>('navigator.clipboard.readText()')).toBe(`Echo: hello ${marker}`);
    await head.click();
    expect(await call.getByRole('region', { name: 'Arguments' }).count()).toBe(0);
  });

  it('shows which stages ran, run and come', async ({ dashboard, open }) => {
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const marker = dashboard.script((mark) => [
      { text: `Gathered. ${mark}`, beforeAnswer: first.promise },
      { text: `Concluded. ${mark}`, beforeAnswer: second.promise },
      { text: 'Short.' },
    ]);
    const page = await open(`/sessions/${await submitted(dashboard, marker, 'two-stages')}`);
    const chain = page.getByRole('region', { name: 'Chain' });
    const states = async (): Promise<string[]> => await chain.getByRole('list').first().locator('> li').allInnerTexts();
    const fits = (...patterns: RegExp[]): unknown =>
      patterns.map((pattern) => expect.stringMatching(pattern) as unknown);
    await expect
      .poll(states)
      .toEqual(fits(/running\s+gather/, /pending\s+conclude to come/, /pending\s+Executive Summary.* to come/));
    first.resolve();
    await expect
      .poll(states)
      .toEqual(fits(/completed\s+gather/, /running\s+conclude/, /pending\s+Executive Summary.* to come/));
    second.resolve();
    await expect
      .poll(states)
      .toEqual(fits(/completed\s+gather/, /completed\s+conclude/, /completed\s+Executive Summary/));
  });

  it('keeps its end in sight until the reader scrolls up, and again when asked to', async ({ dashboard, open }) => {
    const [more, most] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lines = Array.from({ length: 200 }, (_, line) => `line ${1_000 + line} of the report`).join('\n\n');
    const marker = dashboard.script((mark) => [
      {
        text: `${lines}\n\n${mark}`,
        pieces: 4,
        gates: [
          { afterChunks: 2, until: more.promise },
          { afterChunks: 3, until: most.promise },
        ],
      },
      { text: 'Long.' },
    ]);
    const page = await open(`/sessions/${await submitted(dashboard, marker)}`);
    await page.getByText('line 1090').waitFor();
    await expect.poll(() => toEnd(page)).toBeLessThan(100);
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, -2_000);
    const follow = page.getByRole('button', { name: 'Follow' });
    await follow.waitFor();
    more.resolve();
    await page.getByText('line 1140').waitFor({ state: 'attached' });
    expect(await toEnd(page)).toBeGreaterThan(1_000);
    await follow.click();
    most.resolve();
    await page.getByRole('region', { name: 'Executive summary' }).waitFor({ state: 'attached' });
    await expect.poll(() => toEnd(page)).toBeLessThan(100);
  });

  it('is cancelled after a confirmation, and the model stops writing', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [
      { text: `It takes long. ${mark}`, gate: { afterChunks: 1, until: new Promise(() => undefined) } },
    ]);
    const page = await open(`/sessions/${await submitted(dashboard, marker)}`);
    await page.getByText('It takes').waitFor();
    const cancel = page.getByRole('button', { name: 'Cancel', exact: true });
    const dialog = page.getByRole('alertdialog', { name: 'Cancel this session?' });
    await cancel.click();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const [request] = dashboard.model.requestsOf(marker);
    expect(request?.isAborted).toBe(false);
    await cancel.click();
    await dialog.getByRole('button', { name: 'Cancel session' }).click();
    await page.getByText('The session is cancelled').waitFor({ state: 'attached' });
    await request?.closed;
    expect(request?.isAborted).toBe(true);
    expect(await cancel.count()).toBe(0);
  });
});
