import type { Page } from 'playwright-core';
import { mentions, type ModelTurn } from '@tarsy/testing';
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, PHONE, submitted, type Dashboard } from './dashboard.js';

describeInBrowser('a session that pauses at its limit', () => {
  it('says who waits, and goes on to its report when it is resumed', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [
      calling('echo', { message: 'first look' }),
      { text: `Found after the pause. ${mark}` },
      { text: 'Found.' },
    ]);
    const sessionId = await submitted(dashboard, marker, 'patient');
    const page = await open(`/sessions/${sessionId}`);
    await page.getByText('Paused at the iteration limit: Investigator.').waitFor();
    expect(await page.getByRole('button', { name: 'Follow' }).count(), 'nothing comes that could be followed').toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Found after the pause.').first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor({ state: 'detached' });
  });

  it('goes on with the other agents when one of those that wait is given up', async ({ dashboard, open }) => {
    const sessionId = await submitted(dashboard, pairOf(dashboard), 'patient-pair');
    const page = await open(`/sessions/${sessionId}`);
    await page.getByText('Paused at the iteration limit: Left, Right.').waitFor();
    await expectsSomebody(await open(`/sessions/${sessionId}`, { viewport: PHONE, isMobile: true, hasTouch: true }));
    await page.getByRole('button', { name: 'Give up Left' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Give up Left?' });
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Give up Left' }).click();
    await dialog.getByRole('button', { name: 'Give up' }).click();
    await page.getByText('Paused at the iteration limit: Right.').waitFor();
    const chain = page.getByRole('region', { name: 'Chain' });
    await chain.getByRole('listitem').filter({ hasText: 'Left' }).getByText('cancelled by api-client').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('region', { name: 'Final analysis' }).getByText('Seen on the right.').waitFor();
    await page.getByRole('region', { name: 'Executive summary' }).waitFor();
    const { status } = await dashboard.system.get(`/sessions/${sessionId}`);
    expect(status).toBe('completed');
  });
});

/** What somebody has to decide is in view when the page is opened, although the session has not ended. */
async function expectsSomebody(page: Page): Promise<void> {
  const resume = page.getByRole('button', { name: 'Resume' });
  await resume.waitFor();
  await page.getByRole('article', { name: 'Tool call' }).first().waitFor({ state: 'attached' });
  expect((await resume.boundingBox())?.y).toSatisfy((top: number) => top > 0 && top < PHONE.height);
}

/** Scripts two agents that both come to their limit, of which only the right one ever goes on. @returns marker of the alert */
function pairOf({ model }: Dashboard): string {
  const marker = `pair-${randomUUID()}`;
  const script = (name: string, words: readonly string[], turns: readonly ModelTurn[]): unknown =>
    model.script({
      name: `${marker}-${name}`,
      matches: (body) => [marker, ...words].every((word) => mentions(word)(body)),
      turns,
    });
  script('left', ['You look left.'], [calling('echo', { message: 'left' })]);
  script(
    'right',
    ['You look right.'],
    [calling('echo', { message: 'right' }), { text: `Seen on the right. ${marker}` }],
  );
  script('rest', [], [{ text: `Seen on the right. ${marker}` }, { text: 'Seen.' }]);
  return marker;
}
