import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted, type Dashboard } from './dashboard.js';

type Turns = Parameters<Dashboard['script']>[0];

const ANN = { extraHTTPHeaders: { 'x-forwarded-user': 'ann' } };
const BOB = { extraHTTPHeaders: { 'x-forwarded-user': 'bob' } };
const panelOf = (page: Page): Locator => page.getByRole('region', { name: 'Questions about this investigation' });
const boxOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Your question' });
const turnsOf = (page: Page): Locator => panelOf(page).locator('> ol > li');

/** A session with its report; the model answers questions about it with `turns`. */
async function finished(dashboard: Dashboard, turns: Turns, alertType = 'test'): Promise<string> {
  const marker = dashboard.script((mark) => [
    { text: `The disk is full. ${mark}` },
    { text: 'Short.' },
    ...turns(mark),
  ]);
  const sessionId = await submitted(dashboard, marker, alertType);
  await dashboard.system.finished(sessionId);
  return sessionId;
}

describeInBrowser('questions about an investigation', () => {
  it('are answered word by word, with the tools that the answer needed', async ({ dashboard, open }) => {
    const rest = Promise.withResolvers<void>();
    const sessionId = await finished(dashboard, (mark) => [
      { thinking: 'I look again.', ...calling('echo', { message: `sdb ${mark}` }) },
      { text: '**Disk sdb**, as before.', pieces: 2, gate: { afterChunks: 1, until: rest.promise } },
    ]);
    const page = await open(`/sessions/${sessionId}`, ANN);
    await panelOf(page).getByText('Nobody has asked yet.').waitFor();
    await page.getByRole('link', { name: 'Ask' }).click();
    const box = boxOf(page);
    const ask = panelOf(page).getByRole('button', { name: 'Ask', exact: true });
    expect(await ask.isDisabled()).toBe(true);
    await box.pressSequentially('Which disk?');
    await box.press('Shift+Enter');
    await box.pressSequentially('Be short.');
    await box.press('Enter');

    const turn = turnsOf(page);
    await turn.getByText('ann asked').waitFor();
    await turn.getByText('Which disk?\nBe short.').waitFor();
    const answer = turn.getByRole('region', { name: 'Answer' });
    await answer.getByText('Disk sdb').waitFor();
    expect(await answer.innerText()).not.toContain('as before');
    expect(await answer.getAttribute('aria-live')).toBe('polite');
    expect(await answer.getAttribute('aria-busy')).toBe('true');
    await turn.getByText('writes').waitFor();
    expect(await box.inputValue()).toBe('');
    await box.fill('And now?');
    expect(await ask.isDisabled()).toBe(true);
    await panelOf(page).getByText('One answer at a time').waitFor();
    await box.press('Enter');
    expect(await box.inputValue()).toBe('And now?');
    rest.resolve();

    await answer.getByText('Disk sdb, as before.').waitFor();
    await expect.poll(() => answer.getAttribute('aria-busy')).toBe('false');
    expect(await answer.locator('strong').innerText()).toBe('Disk sdb');
    await expect.poll(() => ask.isDisabled()).toBe(false);
    await turn.getByText(/scripted-model · .* tokens · \$/).waitFor();
    const steps = turn.getByRole('button', { name: '2 steps' });
    expect(await steps.getAttribute('aria-expanded')).toBe('false');
    await steps.click();
    await turn.getByRole('article', { name: 'Thinking' }).getByText('I look again.').waitFor();
    await turn
      .getByRole('article', { name: 'Tool call' })
      .getByRole('button', { name: /everything.*echo/ })
      .click();
    await turn
      .getByRole('region', { name: 'Result' })
      .first()
      .getByText(/^Echo: sdb/)
      .waitFor();
    expect(await page.getByRole('region', { name: 'Timeline' }).getByText('Which disk?').count()).toBe(0);
  });

  it('are there with their authors when the session is opened later, in every window', async ({ dashboard, open }) => {
    const release = Promise.withResolvers<void>();
    const sessionId = await finished(dashboard, () => [
      { text: 'It was sdb.' },
      { text: 'Since noon, I think.', pieces: 2, gate: { afterChunks: 1, until: release.promise } },
    ]);
    const [first, second] = [await open(`/sessions/${sessionId}`, ANN), await open(`/sessions/${sessionId}`, BOB)];
    await boxOf(second).waitFor();
    await boxOf(first).fill('Which disk?');
    await boxOf(first).press('Enter');
    await turnsOf(second).getByText('ann asked').waitFor();
    await turnsOf(second).getByText('It was sdb.').waitFor();
    await expect.poll(() => panelOf(second).getByRole('button', { name: 'Stop answering' }).count()).toBe(0);
    await boxOf(second).fill('Since when?');
    await boxOf(second).press('Enter');
    await turnsOf(first).getByText('bob asked').waitFor();
    await turnsOf(first).getByText('Since noon').waitFor();
    expect(await turnsOf(first).last().innerText()).not.toContain('I think');
    const third = await open(`/sessions/${sessionId}#chat`);
    await turnsOf(third).getByText('Since noon').waitFor();
    release.resolve();
    for (const page of [first, second, third]) {
      await turnsOf(page).getByText('Since noon, I think.').waitFor();
      expect(
        await turnsOf(page)
          .getByText(/asked$/)
          .allInnerTexts(),
      ).toEqual(['ann asked', 'bob asked']);
    }
  });

  it('can be let go of while they are answered, and others can be asked then', async ({ dashboard, open }) => {
    const sessionId = await finished(dashboard, () => [
      { text: 'It takes a while, rather a long one.', pieces: 2, gate: { afterChunks: 1, until: new Promise(() => undefined) } }, // prettier-ignore
      { text: 'It was sdb.' },
    ]);
    const page = await open(`/sessions/${sessionId}`, ANN);
    await boxOf(page).fill('Which disk?');
    await boxOf(page).press('Enter');
    await turnsOf(page).getByText('It takes').waitFor();
    await panelOf(page).getByRole('button', { name: 'Stop answering' }).click();
    await turnsOf(page).getByText('This answer was stopped: cancelled by ann').waitFor();
    await turnsOf(page).getByText('It takes a while').waitFor();
    await page.reload();
    await turnsOf(page).getByText('So far:').waitFor();
    await turnsOf(page).getByText('It takes a while').waitFor();
    await boxOf(page).fill('Once more: which disk?');
    await boxOf(page).press('Enter');
    await turnsOf(page).getByText('It was sdb.').waitFor();
    const { status } = await dashboard.system.get(`/sessions/${sessionId}`);
    expect(status).toBe('completed');
  });

  it('say why they were not accepted, and are kept', async ({ dashboard, open, troubles }) => {
    troubles.expect(/409/);
    const sessionId = await finished(dashboard, () => [
      { text: 'It takes long.', gate: { afterChunks: 1, until: new Promise(() => undefined) } },
    ]);
    const page = await open(`/sessions/${sessionId}`, ANN);
    await boxOf(page).fill('Which disk?');
    // Somebody else is faster, and this window has not heard of it yet.
    await page.route('**/chat/messages', async (route) => {
      const headers = { ...route.request().headers(), 'x-forwarded-user': 'bob' };
      await route.fetch({ headers, postData: JSON.stringify({ content: 'Faster!' }) });
      await route.continue();
    });
    await boxOf(page).press('Enter');
    await panelOf(page).getByText('an answer is already being written').waitFor();
    expect(await boxOf(page).inputValue()).toBe('Which disk?');
    await turnsOf(page).getByText('bob asked').waitFor();
  });

  it('tell plainly that there is no answer', async ({ dashboard, open }) => {
    const sessionId = await finished(dashboard, () => [{ error: { status: 401 } }]);
    const page = await open(`/sessions/${sessionId}`);
    await boxOf(page).fill('Which disk?');
    await boxOf(page).press('Enter');
    await turnsOf(page).getByText('There is no answer:').waitFor();
    await panelOf(page).getByRole('button', { name: 'Ask', exact: true }).waitFor();
  });

  it('are not invited where nobody answers them', async ({ dashboard, open }) => {
    const silent = await open(`/sessions/${await finished(dashboard, () => [], 'silent')}`);
    await silent.getByRole('region', { name: 'Executive summary' }).waitFor();
    expect(await panelOf(silent).count()).toBe(0);
    const marker = dashboard.script((mark) => [{ text: mark, beforeAnswer: new Promise(() => undefined) }]);
    const running = await open(`/sessions/${await submitted(dashboard, marker)}`);
    await running.getByRole('textbox', { name: 'Message to the agents' }).waitFor();
    expect(await panelOf(running).count()).toBe(0);
  });
});
