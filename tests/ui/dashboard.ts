import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { describe, inject, test } from 'vitest';
import { startScriptedSystem, type ScriptedSystem } from '../e2e/scripted-system.js';
import { freePort } from '../../tools/cli/src/servers/ports.js';
import { EdgeProxy } from '../../tools/cli/src/system/edge-proxy.js';
import { Troubles } from './troubles.js';

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** The whole system behind one address, as people open it, and one browser: shared by every file of this project. */
export interface Dashboard extends ScriptedSystem {
  readonly address: string;
  readonly browser: Browser;
}

/** A describe block that is left out where there is no browser; browser.setup.ts has said so. */
export const describeInBrowser = describe.skipIf(inject('chromium') === '');

export const it = test
  // eslint-disable-next-line no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend('dashboard', { scope: 'worker' }, async ({}, { onCleanup }): Promise<Dashboard> => {
    const [scripted, browser] = await Promise.all([startScriptedSystem('ui'), launchBrowser()]);
    const port = await freePort();
    const targets = (['ingest', 'stream-gateway'] as const).map((app) => scripted.system.replica(app));
    const edge = await EdgeProxy.listen('127.0.0.1', port, () => targets);
    onCleanup(async () => {
      await browser.close();
      await edge.close();
      await scripted.stop();
    });
    return { ...scripted, browser, address: `http://127.0.0.1:${port}` };
  })
  /** What went wrong in the pages of this test; whatever the test does not expect fails it. */
  .extend('troubles', async ({ task }, { onCleanup }): Promise<Troubles> => {
    const troubles = new Troubles();
    onCleanup(() => {
      if (task.result?.state !== 'fail') troubles.refuse();
    });
    return troubles;
  })
  /** Opens a browser window of its own, closed after the test. */
  .extend('open', async ({ dashboard, troubles, task }, { onCleanup }) => {
    const pages: Page[] = [];
    onCleanup(async () => {
      if (task.result?.state === 'fail') await keepPictures(pages, task.name);
      await Promise.all(pages.map((page) => page.context().close()));
    });
    return async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
      const context = await dashboard.browser.newContext({
        baseURL: dashboard.address,
        viewport: DESKTOP,
        locale: 'en-GB',
        timezoneId: 'UTC',
        // Spinners that nobody looks at cost a processor.
        reducedMotion: 'reduce',
        ...options,
      });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      pages.push(page);
      troubles.watch(page);
      await page.goto(path);
      return page;
    };
  });

async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: inject('chromium'),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Containers give shared memory of 64 MB.
      '--disable-dev-shm-usage',
    ],
  });
}

async function keepPictures(pages: readonly Page[], title: string): Promise<void> {
  for (const [number, page] of pages.entries()) {
    const path = `.tarsy/test/failed/${title.replaceAll(/\W+/g, '-')}-${number + 1}.png`;
    await page.screenshot({ path }).then(
      () => console.error(`${page.url()} is in ${path}`),
      () => undefined,
    );
  }
}

/** Submits an alert that carries the marker. @returns session id */
export async function submitted({ system }: Dashboard, marker: string, alertType = 'test'): Promise<string> {
  const { status, body } = await system.submit({ data: `Something is wrong: ${marker}`, alert_type: alertType });
  if (status !== 202) throw new Error(`the alert was answered with ${status}: ${JSON.stringify(body)}`);
  return String(body['session_id']);
}

/** Asks about a session that has ended. */
export async function asking({ address }: Dashboard, sessionId: string, content: string): Promise<void> {
  const response = await fetch(`${address}/api/v1/sessions/${sessionId}/chat/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content }),
  });
  if (response.status !== 202) throw new Error(`the question was answered with ${response.status}`);
}
