import type { TestProject } from 'vitest/node';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../tools/cli/src/browser/chromium.js';
import { buildDashboard } from '../../tools/cli/src/system/dashboard.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the browser; '' where there is none. */
    chromium: string;
  }
}

/** Finds the browser and builds the dashboard, once for the whole project. */
export default async function prepareDashboard(project: TestProject): Promise<void> {
  const say = (text: string): void => console.error(`tests/ui: ${text}`);
  const path = findChromium(process.env);
  project.provide('chromium', path ?? '');
  if (path === undefined) return say(`skipped, there is no browser; ${HOW_TO_GET_CHROMIUM}`);
  await buildDashboard(say, AbortSignal.timeout(120_000));
}
