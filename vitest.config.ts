import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

const conditions = ['tarsy-source', 'node'];

export default defineConfig({
  plugins: [
    // Decorator metadata for Nest needs SWC; the default compiler drops it.
    swc.vite({
      module: { type: 'es6' },
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
        keepClassNames: true,
      },
    }),
  ],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    env: { TZ: 'UTC' },
    // Most files wait for processes and clocks, not for a processor.
    maxWorkers: 3,
    projects: [
      // Far more than any takes; a busy machine makes each slower.
      { test: { name: 'unit', include: ['{apps,libs,tools}/*/src/**/*.spec.ts'], testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.spec.ts'],
          globalSetup: ['tests/servers.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.spec.ts'],
          globalSetup: ['tests/servers.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['tests/chaos/**/*.spec.ts'],
          globalSetup: ['tests/servers.setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'ui',
          include: ['tests/ui/**/*.spec.ts'],
          globalSetup: ['tests/servers.setup.ts', 'tests/ui/browser.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000, interval: 50 } },
          // One worker for all files, so that they share one system and one browser.
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
