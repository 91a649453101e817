import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

const TURNS = 12;

/** Rows that come into view are measured, and the page is corrected, within two frames. */
const TWO_FRAMES = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

/** By how many pixels an event in view misses its place after the page was scrolled by `byPx`. */
async function missedPxAfterScroll(page: Page, byPx: number): Promise<number> {
  const inView = await page
    .locator('li[id^="event-"]')
    .evaluateAll((rows) => rows.filter((row) => row.getBoundingClientRect().top > 400).map(({ id }) => id));
  const row = page.locator(`[id="${inView[0]}"]`);
  const before = await row.boundingBox();
  await page.evaluate(`scrollBy(0, ${byPx})`);
  await page.evaluate(TWO_FRAMES);
  const after = await row.boundingBox();
  return Math.abs(after!.y - before!.y + byPx);
}

describeInBrowser('a long timeline', () => {
  it('moves by as much as it is scrolled, although its rows are measured only when they are seen', async ({
    dashboard,
    open,
  }) => {
    const marker = dashboard.script((mark) => [
      ...Array.from({ length: TURNS }, (_, turn) => ({
        thinking: `Step ${turn}. `.repeat(1 + 30 * (turn % 3)),
        text: `Looking at ${turn}.`,
        ...calling('echo', { message: `${mark} ${turn}` }),
      })),
      { text: `Done. ${mark}` },
      { text: 'Short.' },
    ]);
    const sessionId = await submitted(dashboard, marker);
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    await page.getByText('Looking at 0.').waitFor();
    const missed: number[] = [];
    for (let step = 0; step < 8; step += 1) missed.push(await missedPxAfterScroll(page, 150));
    expect(Math.max(...missed)).toBeLessThanOrEqual(2);
    await page.keyboard.press('End');
    await page.getByRole('article', { name: 'Final analysis' }).last().waitFor();
  });
});
