import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { describeInBrowser, it, submitted } from './dashboard.js';

const TURNS = 4;
const CALLS_PER_TURN = 500;
const CALLS = TURNS * CALLS_PER_TURN;
/** A page that drew all events would have some 50,000. */
const MOST_ELEMENTS = 1_500;

/** Numbers of the tool calls that lie in the window now, from top to bottom. */
async function callsInSight(page: Page): Promise<number[]> {
  const texts = await page.getByRole('article').evaluateAll((articles) =>
    articles
      .filter((article) => {
        const { top, bottom } = article.getBoundingClientRect();
        return bottom > 0 && top < article.ownerDocument.defaultView!.innerHeight;
      })
      .map((article) => article.innerText),
  );
  return texts.map((text) => Number(/call number (\d+)/.exec(text)?.[1])).filter((number) => !Number.isNaN(number));
}

/** @param part 0 is the top of the page, 1 its end. */
const scrollTo = (page: Page, part: number): Promise<void> =>
  page
    .locator('html')
    .evaluate((html, factor) => html.ownerDocument.defaultView!.scrollTo(0, html.scrollHeight * factor), part);

describeInBrowser('a session of 2,000 events', () => {
  it('opens, is read from end to end, and keeps few elements in the page', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [
      ...Array.from({ length: TURNS }, (_turn, turn) => ({
        toolCalls: Array.from({ length: CALLS_PER_TURN }, (_call, call) => ({
          name: 'everything__echo',
          arguments: { message: `call number ${turn * CALLS_PER_TURN + call + 1}` },
        })),
        pieces: 1,
      })),
      { text: `That was all. ${mark}` },
      { text: 'Long.' },
    ]);
    const sessionId = await submitted(dashboard, marker);
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    await page.getByRole('region', { name: 'Timeline' }).getByText('2,004 events').waitFor();
    const seen: number[] = [];
    for (const part of [0.2, 0.4, 0.6, 0.8]) {
      await scrollTo(page, part);
      await expect
        .poll(() => callsInSight(page))
        .toSatisfy((calls: number[]) => calls.length > 5 && Math.abs((calls[0] ?? 0) / CALLS - part) < 0.1);
      const calls = await callsInSight(page);
      expect(calls).toEqual(calls.map((_, position) => calls[0]! + position));
      expect(await page.locator('*').count()).toBeLessThan(MOST_ELEMENTS);
      seen.push(calls[0]!);
    }
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));

    const timeline = await dashboard.system.get<{ id: string; metadata?: { arguments?: unknown } }[]>(
      `/sessions/${sessionId}/timeline`,
    );
    const linked = timeline.find(({ metadata }) => JSON.stringify(metadata).includes('call number 1234'));
    const link = await open(`/sessions/${sessionId}#event-${linked?.id}`);
    await link.getByRole('region', { name: 'Result' }).getByText('Echo: call number 1234').first().waitFor();
    await expect.poll(() => callsInSight(link)).toContain(1234);
  });
});
