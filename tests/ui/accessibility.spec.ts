import { AxeBuilder } from '@axe-core/playwright';
import { connect } from '@nats-io/transport-node';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { calling } from '../e2e/scripted-system.js';
import { asking, describeInBrowser, DESKTOP, it, PHONE, submitted } from './dashboard.js';

interface View {
  readonly title: string;
  readonly path: () => string;
  /** Brings the page into the state that is looked at. */
  readonly prepare: (page: Page) => Promise<void>;
}

let running = '';
let finished = '';
let paused = '';
let asked = '';

const VIEWS: readonly View[] = [
  {
    title: 'the list of sessions',
    path: () => '/',
    prepare: (page) => page.locator('main tbody tr').first().waitFor(),
  },
  {
    title: 'an empty list',
    path: () => '/?search=there+is+no+such+thing&status=failed',
    prepare: (page) => page.getByText('No session matches').waitFor(),
  },
  {
    title: 'a session that runs',
    path: () => `/sessions/${running}`,
    prepare: async (page) => {
      await page.getByText('It takes').waitFor();
      await page.getByRole('article', { name: 'Tool call' }).getByRole('button', { name: /echo/ }).click();
    },
  },
  {
    title: 'the question before a session is cancelled',
    path: () => `/sessions/${running}`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    title: 'a session with its report',
    path: () => `/sessions/${finished}`,
    prepare: (page) => page.getByRole('region', { name: 'Executive summary' }).waitFor(),
  },
  {
    title: 'the question before a paused agent is given up',
    path: () => `/sessions/${paused}`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Give up Investigator' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    title: 'a question that is being answered',
    path: () => `/sessions/${asked}`,
    prepare: async (page) => {
      const panel = page.getByRole('region', { name: 'Questions about this investigation' });
      await panel.getByText('It was').waitFor();
      await panel.getByRole('button', { name: '1 step' }).click();
      await panel.getByRole('button', { name: /echo/ }).click();
    },
  },
  {
    title: 'a trace with an open call',
    path: () => `/sessions/${finished}/trace`,
    prepare: async (page) => {
      await page.getByRole('button', { name: /Final analysis/ }).click();
      await page.getByRole('region', { name: 'Conversation' }).waitFor();
    },
  },
  {
    title: 'the form with its complaints',
    path: () => '/submit',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Start investigation' }).click();
      await page.getByText('Describe the alert').waitFor();
    },
  },
  {
    title: 'the system page',
    path: () => '/system',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Replay' }).first().waitFor();
      await page.getByRole('region', { name: 'Services' }).getByText('on time').first().waitFor();
    },
  },
];

/** What axe calls serious or critical, as `rule: element`; of all rules, or of those that are named. */
async function seriousFindings(page: Page, ...rules: string[]): Promise<string[]> {
  // There are no frames, so nothing has to be put together in another page.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (rules.length > 0) axe.withRules(rules);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
}

/** Resolves once everything is drawn in the dark colours: the browser changes them over several frames. */
async function darken(page: Page): Promise<void> {
  const colours = (): Promise<string[]> =>
    page
      .locator('body, main, main *')
      .evaluateAll((elements) =>
        elements.map((element) => element.ownerDocument.defaultView!.getComputedStyle(element).color),
      );
  const light = await colours();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(async () => (await colours()).filter((colour) => light.includes(colour))).toEqual([]);
}

/** By how many pixels the page is wider than the window. */
const overhang = (page: Page): Promise<number> =>
  page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth);

describeInBrowser('every page', () => {
  it.beforeAll(async ({ dashboard }) => {
    const { system, script } = dashboard;
    const { host, username, password } = new URL(system.servers.natsUrl);
    const connection = await connect({ servers: host, ...(username ? { user: username, pass: password } : {}) });
    connection.publish(`${system.namespace}.alerts.raw.json`, `not JSON ${'and-very-long'.repeat(20)}`);
    await connection.drain();
    const first = script((mark) => [
      { thinking: 'Hm.', text: `# Cause\n\n| a | b |\n|---|---|\n| ${'wide'.repeat(60)} | \`code\` |\n\n${mark}` },
      { text: 'In **short**.' },
    ]);
    finished = await submitted(dashboard, first);
    const second = script((mark) => [
      { thinking: 'Hm.', ...calling('echo', { message: `${'long'.repeat(100)} ${mark}` }) },
      { text: `It takes long. ${mark}`, gate: { afterChunks: 1, until: new Promise(() => undefined) } },
    ]);
    running = await submitted(dashboard, second);
    const third = script(() => [calling('echo', { message: 'once' }), { text: 'Never.' }]);
    paused = await submitted(dashboard, third, 'patient');
    const fourth = script((mark) => [
      { text: `Done. ${mark}` },
      { text: 'Short.' },
      calling('echo', { message: `${'long'.repeat(100)} ${mark}` }),
      {
        text: 'It was `sdb`, rather surely.',
        pieces: 2,
        gate: { afterChunks: 1, until: new Promise(() => undefined) },
      },
    ]);
    asked = await submitted(dashboard, fourth);
    await Promise.all([finished, asked].map((id) => system.finished(id)));
    await asking(dashboard, asked, `Which ${'disk'.repeat(100)}?`);
  });

  for (const view of VIEWS)
    it(`has nothing that keeps people out or is wider than a phone: ${view.title}`, async ({ open }) => {
      for (const options of [{ viewport: DESKTOP }, { viewport: PHONE, isMobile: true, hasTouch: true }]) {
        const page = await open(view.path(), { ...options, colorScheme: 'light' });
        await view.prepare(page);
        expect(await seriousFindings(page)).toEqual([]);
        expect(await overhang(page)).toBe(0);
        await darken(page);
        // Nothing but colours differs.
        expect(await seriousFindings(page, 'color-contrast')).toEqual([]);
      }
    });
});
