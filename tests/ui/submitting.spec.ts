import { expect } from 'vitest';
import { describeInBrowser, it } from './dashboard.js';

describeInBrowser('the form for alerts', () => {
  it('leads to the session of the alert, which is investigated to its report', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [{ text: `The disk is full. ${mark}` }, { text: 'Clean the disk.' }]);
    const page = await open('/submit');
    await page.getByLabel('Alert type').selectOption('test');
    await page.getByLabel('Severity').selectOption('Critical');
    await page.getByLabel('Alert data').fill(`disk full on /data, ${marker}`);
    await page.getByRole('button', { name: 'Start investigation' }).click();
    await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    await page.getByRole('region', { name: 'Final analysis' }).getByText('The disk is full.').waitFor();
    await page.getByRole('region', { name: 'Executive summary' }).getByText('Clean the disk.').waitFor();
    await page.getByText(`disk full on /data, ${marker}`).first().waitFor();
    const { status } = await dashboard.system.get(`/sessions/${page.url().split('/').at(-1)}`);
    expect(status).toBe('completed');
  });

  it('tells what is missing before anything is sent', async ({ open }) => {
    const page = await open('/submit');
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    await page.getByLabel('Runbook URL').fill('javascript:alert(1)');
    await page.getByRole('button', { name: 'Start investigation' }).click();
    await page.getByText('Describe the alert').waitFor();
    await page.getByText('This is no web address').waitFor();
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('id')).toBe('data');
    expect(await focused.getAttribute('aria-invalid')).toBe('true');
    expect(sent).toEqual([]);
  });
});
