import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted } from './dashboard.js';

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
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Found after the pause.').first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor({ state: 'detached' });
  });
});
