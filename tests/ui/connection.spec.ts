import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted, type Dashboard } from './dashboard.js';

/** Of equal length, so that each is one chunk. */
const PARTS = ['First part, ', 'second part ', 'third part, ', 'and the end.'] as const;
const holdsOnce =
  (part: string) =>
  (text: string): boolean =>
    text.split(part.trim()).length === 2;

/** What requests meet while no gateway runs. */
const AWAY = /50[23]|ERR_(?:EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET)|WebSocket connection/;

/** The gateway dies, `meanwhile` happens, and it comes back. */
async function withoutGateway({ system }: Dashboard, meanwhile: () => Promise<void>): Promise<void> {
  const gateway = system.replica('stream-gateway');
  await system.kill(gateway);
  try {
    await meanwhile();
  } finally {
    await system.restart(gateway);
  }
}

/** Kind and text of every event in the timeline, as the reader sees them. */
async function eventsOn(page: Page): Promise<string[]> {
  const events = page.getByRole('article');
  const labels = await events.evaluateAll((articles) => articles.map((article) => article.getAttribute('aria-label')));
  return labels.map(String);
}

describeInBrowser('a lost connection', () => {
  it('is shown, and made good in the middle of an answer: nothing is missing and nothing is there twice', async ({
    dashboard,
    open,
    troubles,
  }) => {
    troubles.expect(AWAY);
    const whileAway = Promise.withResolvers<void>();
    const afterwards = Promise.withResolvers<void>();
    const marker = dashboard.script((mark) => [
      calling('echo', { message: `hello ${mark}` }),
      {
        text: `${PARTS.join('')} ${mark}`,
        pieces: 8,
        gates: [
          { afterChunks: 1, until: whileAway.promise },
          { afterChunks: 3, until: afterwards.promise },
        ],
      },
      { text: 'Short.' },
    ]);
    const sessionId = await submitted(dashboard, marker);
    const page = await open(`/sessions/${sessionId}`);
    const answer = page.getByRole('article').filter({ hasText: PARTS[0] }).first();
    const banner = page.getByText('Connection lost.');
    await answer.waitFor();
    await withoutGateway(dashboard, async () => {
      await banner.waitFor();
      whileAway.resolve();
    });
    await banner.waitFor({ state: 'hidden' });
    await expect.poll(() => answer.innerText()).toContain(PARTS.slice(0, 3).join('').trim());
    expect(await answer.innerText()).not.toContain(PARTS[3]);
    for (const part of PARTS.slice(0, 3)) expect(await answer.innerText()).toSatisfy(holdsOnce(part));
    afterwards.resolve();
    await page.getByRole('region', { name: 'Executive summary' }).waitFor();
    for (const part of PARTS) expect(await answer.innerText()).toSatisfy(holdsOnce(part));
    const stored = await dashboard.system.get<{ event_type: string }[]>(`/sessions/${sessionId}/timeline`);
    expect(await eventsOn(page)).toHaveLength(stored.length);
    expect(await eventsOn(page)).toEqual(['Tool call', 'Answer', 'Final analysis', 'Answer', 'Final analysis']);
  });

  it('is shown above the list, which then holds what happened meanwhile', async ({ dashboard, open, troubles }) => {
    troubles.expect(AWAY);
    const marker = dashboard.script((mark) => [{ text: `Done. ${mark}` }, { text: 'Short.' }]);
    const page = await open(`/?search=${marker}`);
    const banner = page.getByText('Live connection lost.');
    await page.getByText('No session matches').waitFor();
    await withoutGateway(dashboard, async () => {
      await banner.waitFor();
      await submitted(dashboard, marker);
    });
    await banner.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: /test/ }).getByText('completed').waitFor();
  });
});
