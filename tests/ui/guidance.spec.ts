import { mentions } from '@tarsy/testing';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

const ANN = { extraHTTPHeaders: { 'x-forwarded-user': 'ann' } };

describeInBrowser('guidance', () => {
  it('reaches the agent before its next step, and stands in the timeline with who wrote it', async ({
    dashboard,
    open,
  }) => {
    const written = Promise.withResolvers<void>();
    const marker = dashboard.script((mark) => [
      { ...calling('echo', { message: `hello ${mark}` }), beforeAnswer: written.promise },
      { text: `It was the other disk. ${mark}` },
      { text: 'Short.' },
    ]);
    const page = await open(`/sessions/${await submitted(dashboard, marker)}`, ANN);
    const box = page.getByRole('textbox', { name: 'Message to the agents' });
    const send = page.getByRole('region', { name: 'Tell the agents' }).getByRole('button', { name: 'Send' });
    await box.waitFor();
    expect(await send.isDisabled()).toBe(true);
    await expect.poll(() => dashboard.model.requestsOf(marker).length).toBe(1);
    await box.pressSequentially('Look at the other disk.');
    await box.press('Shift+Enter');
    await box.pressSequentially('It is sdb.');
    await box.press('Enter');
    await page.getByText('Sent. It stands in the timeline').waitFor();
    expect(await box.inputValue()).toBe('');
    written.resolve();
    const event = page.getByRole('article', { name: 'Guidance' });
    await event.getByText('Look at the other disk.\nIt is sdb.').waitFor();
    await event.getByText('from ann').waitFor();
    await page.getByRole('region', { name: 'Executive summary' }).waitFor();
    const [first, second] = dashboard.model.requestsOf(marker).map(({ body }) => body);
    expect(mentions('Look at the other disk.')(first!)).toBe(false);
    expect(mentions('Look at the other disk.')(second!)).toBe(true);
    expect(await box.count()).toBe(0);
  });

  it('is not lost when it can not be sent', async ({ dashboard, open, troubles }) => {
    troubles.expect(/ERR_INTERNET_DISCONNECTED/);
    const marker = dashboard.script((mark) => [{ text: mark, beforeAnswer: new Promise(() => undefined) }]);
    const page = await open(`/sessions/${await submitted(dashboard, marker)}`);
    const box = page.getByRole('textbox', { name: 'Message to the agents' });
    await box.fill('Look at the other disk.');
    await page.context().setOffline(true);
    await box.press('Enter');
    await page.getByRole('region', { name: 'Tell the agents' }).getByText('The server can not be reached.').waitFor();
    expect(await box.inputValue()).toBe('Look at the other disk.');
  });
});
