import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

/** Of the model that has a price; its thousand tokens cost a dollar. */
const usage = { inputTokens: 900, outputTokens: 100 };

describeInBrowser('what an investigation cost', () => {
  it('is shown of the session, its agents and its calls, and so is a change of the model', async ({
    dashboard,
    open,
  }) => {
    const marker = dashboard.script((mark) => [
      { ...calling('echo', { message: mark }), usage },
      { error: { status: 401 } },
      { text: `Done. ${mark}`, usage },
      { text: 'Short.', usage },
    ]);
    const sessionId = await submitted(dashboard, marker, 'falling');
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    const details = page.getByRole('region', { name: 'Details' });
    await details.getByText('at least $2.00, 1 call without a price').waitFor();
    const agent = page.getByRole('region', { name: 'Chain' }).getByRole('button', { name: /Investigator/ });
    expect(await agent.innerText()).toMatch(
      /spare-model · 2k tokens · at least \$1\.00\s+took over from scripted-model/,
    );
    await page
      .getByRole('article', { name: 'Provider changed' })
      .getByText(/spare \(spare-model\) takes over/)
      .waitFor();

    await page.goto(`/sessions/${sessionId}/trace`);
    const calls = page.getByRole('button', { name: /Iteration|Final analysis|Executive summary/ });
    await calls.first().waitFor();
    expect((await calls.allInnerTexts()).filter((text) => text.includes('$1.00'))).toHaveLength(2);

    await page.goto(`/?search=${marker}`);
    await page
      .getByRole('row', { name: /falling/ })
      .getByText('at least $2.00')
      .waitFor();
  });

  it('names the limit that an agent had to conclude at', async ({ dashboard, open }) => {
    const marker = dashboard.script((mark) => [
      calling('echo', { message: mark }),
      calling('echo', { message: mark }),
      { text: `As far as I see. ${mark}` },
      { text: 'Short.' },
    ]);
    const sessionId = await submitted(dashboard, marker, 'short');
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    const analysis = page.getByRole('article', { name: 'Final analysis' }).first();
    await analysis.getByText('concluded at the limit of 2 iterations').waitFor();
  });
});
