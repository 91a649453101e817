import { randomUUID } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import { mentions } from '@tarsy/testing';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { describeInBrowser, it, submitted, type Dashboard } from './dashboard.js';

/** Puts an alert on NATS as a producer would. */
async function produce({ system }: Dashboard, body: string): Promise<void> {
  const { host, username, password } = new URL(system.servers.natsUrl);
  const connection = await connect({ servers: host, ...(username ? { user: username, pass: password } : {}) });
  connection.publish(`${system.namespace}.alerts.raw.json`, body);
  await connection.drain();
}

describeInBrowser('the system page', () => {
  it('shows every service, the queues with their consumers, and the tool servers', async ({ dashboard, open }) => {
    const page = await open('/system');
    const services = page.getByRole('region', { name: 'Services' });
    for (const { app, name } of dashboard.system.replicas)
      await services.getByRole('row', { name: new RegExp(`${app} ${name} .* on time`) }).waitFor();
    const queues = page.getByRole('region', { name: 'Queues' });
    await queues.getByRole('rowheader', { name: /TASKS/ }).first().waitFor();
    await queues
      .getByRole('cell', { name: /^agent-worker/ })
      .first()
      .waitFor();
    await page.getByRole('region', { name: 'Tool servers' }).getByText('everything').first().waitFor();
    const { warnings } = await dashboard.system.get<{ warnings: { message: string }[] }>('/system/warnings');
    for (const { message } of warnings) await page.getByText(message).first().waitFor();
    if (warnings.length === 0) await page.getByText('No warnings').waitFor();
  });

  it('hands a dead letter to its consumer again, and throws another one away', async ({ dashboard, open }) => {
    const [first, second] = [randomUUID(), randomUUID()];
    await produce(dashboard, `not JSON ${first}`);
    await produce(dashboard, `not JSON ${second}`);
    const page = await open('/system');
    const letters = page.getByRole('region', { name: 'Dead letters' });
    const dialog = page.getByRole('alertdialog');
    const letterOf = (text: string): ReturnType<typeof letters.locator> =>
      letters.getByRole('listitem').filter({ hasText: text });
    await letterOf(first).waitFor();
    await letterOf(second).waitFor();
    const sequences = async (): Promise<Record<string, number>> => {
      const { dead_letters } = await dashboard.system.get<{ dead_letters: { sequence: number; body: string }[] }>(
        '/system/dead-letters',
      );
      return Object.fromEntries(dead_letters.map(({ sequence, body }) => [body, sequence]));
    };
    const before = await sequences();

    await letterOf(first).getByRole('button', { name: 'Replay' }).click();
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('The message was handed to its consumer again.').waitFor();
    // Nothing mended it, so its consumer gives it up again: a new dead letter.
    await expect
      .poll(async () => (await sequences())[`not JSON ${first}`])
      .toBeGreaterThan(before[`not JSON ${first}`]!);

    await letterOf(second).getByRole('button', { name: 'Discard' }).click();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    expect(await sequences()).toHaveProperty([`not JSON ${second}`]);
    await letterOf(second).getByRole('button', { name: 'Discard' }).click();
    await dialog.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('The message was discarded.').waitFor();
    await letterOf(second).waitFor({ state: 'detached' });
    expect(await sequences()).not.toHaveProperty([`not JSON ${second}`]);
  });

  it('leads from a session to every call to a model and to a tool, as it was recorded', async ({ dashboard, open }) => {
    const marker = `trace-${randomUUID()}`;
    const turns = [calling('echo', { message: `hello ${marker}` }), { text: `Done. ${marker}` }, { text: 'Short.' }];
    dashboard.model.script({ name: marker, matches: mentions(marker), turns });
    const sessionId = await submitted(dashboard, marker);
    await dashboard.system.finished(sessionId);
    const page = await open(`/sessions/${sessionId}`);
    await page.getByRole('link', { name: 'Trace' }).click();
    await page.getByText(/3 model calls, 2 tool calls/).waitFor();
    await page.getByRole('button', { name: /everything\.echo/ }).click();
    await page.getByText(`Echo: hello ${marker}`).first().waitFor();
    await page
      .getByRole('button', { name: /Iteration/ })
      .first()
      .click();
    const conversation = page.getByRole('region', { name: 'Conversation' });
    await conversation.locator('summary').filter({ hasText: 'User' }).click();
    await conversation.getByText(`Something is wrong: ${marker}`).first().waitFor();
  });
});
