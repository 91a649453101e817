import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

/** More than any page has before what is looked for. */
const MOST_STOPS = 60;

/** Presses Tab until what has the focus is `wanted`. */
async function tabTo(page: Page, wanted: RegExp, key = 'Tab'): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press(key);
    if (wanted.test(await focusedName(page))) return;
  }
  throw new Error(`${MOST_STOPS} times ${key} did not lead to ${wanted.source}`);
}

/** What has the focus; the body where nothing has. */
const focused = (page: Page): Locator => page.locator('body, :focus').last();

const focusedName = (page: Page): Promise<string> =>
  focused(page).evaluate((element) => element.getAttribute('aria-label') ?? element.innerText);

/** The focus can be seen: it is drawn as an outline. */
const isFocusVisible = (page: Page): Promise<boolean> =>
  focused(page).evaluate((element) => {
    const { outlineStyle, outlineWidth } = element.ownerDocument.defaultView!.getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  });

/** Resolves once a dialog has drawn the focus into itself, which it does a moment after it opened. */
const holdsFocus = (dialog: Locator): Promise<void> =>
  expect.poll(() => dialog.evaluate((element) => element.contains(element.ownerDocument.activeElement))).toBe(true);

describeInBrowser('without a mouse', () => {
  it('a reader comes from the list to a session, a tool call and its cancellation', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [
      calling('echo', { message: `hello ${mark}` }),
      { text: `It takes long. ${mark}`, gate: { afterChunks: 1, until: new Promise(() => undefined) } },
    ]);
    const sessionId = await submitted(dashboard, marker);
    const page = await open('/');
    await page.getByRole('searchbox').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(marker);
    await expect.poll(() => page.locator('main tbody tr').count()).toBe(1);
    const name = await page.locator('main tbody tr').getByRole('link').innerText();
    await tabTo(page, new RegExp(`^${name}`));
    expect(await isFocusVisible(page)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/sessions/${sessionId}`);

    await page.getByText('It takes').waitFor();
    await tabTo(page, /everything.*echo/);
    expect(await isFocusVisible(page)).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Result' }).first().getByText(`Echo: hello ${marker}`).waitFor();

    await tabTo(page, /^Cancel$/, 'Shift+Tab');
    expect(await isFocusVisible(page)).toBe(true);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog');
    await holdsFocus(dialog);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => focusedName(page)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await holdsFocus(dialog);
    await tabTo(page, /^Cancel session$/);
    await page.keyboard.press('Enter');
    await page.getByText('The session is cancelled').waitFor({ state: 'attached' });
  });

  it('the first stop of every page skips to its content', async ({ open }) => {
    const page = await open('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focusedName(page)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await focused(page).getAttribute('id')).toBe('main');
  });

  it('the colours change with a button and stay after a reload', async ({ open }) => {
    const page = await open('/', { colorScheme: 'light' });
    const background = (): Promise<string> =>
      page.locator('body').evaluate((body) => body.ownerDocument.defaultView!.getComputedStyle(body).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: /^Colours: as the system/ }).press('Enter');
    await page.getByRole('button', { name: /^Colours: light/ }).press('Enter');
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
    expect(await background()).toBe(dark);
  });

  it('a reader asks about an investigation, looks at the steps to the answer, and stops the next one', async ({
    dashboard,
    open,
  }) => {
    const marker = dashboard.script((mark) => [
      { text: `Done. ${mark}` },
      { text: 'Short.' },
      calling('echo', { message: mark }),
      { text: 'It was sdb.' },
      { text: 'It takes a while.', gate: { afterChunks: 1, until: new Promise(() => undefined) } },
    ]);
    const sessionId = await submitted(dashboard, marker);
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    await page.getByRole('textbox', { name: 'Your question' }).waitFor();
    await tabTo(page, /^Ask$/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page).getAttribute('id')).toBe('question');
    expect(await isFocusVisible(page)).toBe(true);
    await page.keyboard.type('Which disk?');
    await page.keyboard.press('Enter');
    await page.getByText('It was sdb.').waitFor();
    await expect.poll(() => focused(page).getAttribute('id')).toBe('question');
    await tabTo(page, /^1 step$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Questions' }).getByRole('button', { name: /echo/ }).waitFor();
    await tabTo(page, /^$/);
    expect(await focused(page).getAttribute('id')).toBe('question');
    await page.keyboard.type('And now?');
    await page.keyboard.press('Enter');
    await page.getByText('It ta').waitFor();
    await tabTo(page, /^Stop answering$/);
    await page.keyboard.press('Enter');
    await page.getByText('This answer was stopped').waitFor();
    await expect.poll(() => focused(page).getAttribute('id')).toBe('question');
  });
});
