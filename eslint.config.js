// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import eslint from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

/**
 * Module boundaries. A project's tag (package.json, `nx.tags`) says which libraries it may import; anything that crosses
 * applications is a subject, never an import. Reasons: docs/adr/0003-module-boundaries.md
 */
const MAY_IMPORT = {
  'layer:contracts': [],
  'layer:core': ['layer:contracts', 'layer:core'],
  'layer:infra': ['layer:contracts', 'layer:core', 'layer:infra'],
  'layer:testing': ['layer:contracts', 'layer:core', 'layer:infra'],
  'type:app': ['layer:contracts', 'layer:core', 'layer:infra'],
  'type:tool': ['layer:contracts', 'layer:core', 'layer:infra'],
};

/** Vendor SDKs have one importing folder each. */
const OWNED_PACKAGES = [
  { pattern: '@nats-io/*', owner: 'libs/messaging', instead: '@tarsy/messaging' },
  {
    pattern: 'openai',
    owner: ['libs/llm/src/adapters/openai', 'libs/llm/src/adapters/openai-responses'],
    instead: '@tarsy/llm',
  },
  { pattern: '@anthropic-ai/*', owner: 'libs/llm/src/adapters/anthropic', instead: '@tarsy/llm' },
  { pattern: '@google/genai', owner: 'libs/llm/src/adapters/google', instead: '@tarsy/llm' },
  {
    pattern: '@modelcontextprotocol/*',
    owner: ['apps/mcp-broker', 'libs/mcp-servers', 'libs/testing'],
    instead: 'a tool call message',
  },
  { pattern: 'typeorm', owner: ['libs/persistence', 'apps/chain-runner'], instead: '@tarsy/persistence' },
  { pattern: 'ioredis', owner: 'libs/redis', instead: '@tarsy/redis' },
  { pattern: '@slack/web-api', owner: 'apps/notifier', instead: 'a session event' },
  {
    pattern: '@opentelemetry/*',
    owner: ['libs/observability', 'libs/testing'],
    instead: 'Tracing of @tarsy/observability',
  },
  { pattern: 'pino', owner: 'libs/observability', instead: 'Logger of @tarsy/observability' },
  { pattern: 'prom-client', owner: 'libs/observability', instead: 'Metrics of @tarsy/observability' },
];

const projects = ['apps', 'libs'].flatMap((group) =>
  readdirSync(new URL(group, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'ui')
    .map((entry) => {
      const folder = `${group}/${entry.name}`;
      const manifest = JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'));
      return { folder, name: manifest.name, tag: manifest.nx.tags[0] };
    }),
);

const boundaries = projects.map(({ folder, name, tag }) => {
  const allowed = new Set(MAY_IMPORT[tag]);
  const refused = projects.filter((other) => other.name !== name && !allowed.has(other.tag)).map((other) => other.name);
  const owned = OWNED_PACKAGES.filter(
    ({ owner }) => ![owner].flat().some((path) => path === folder || path.startsWith(`${folder}/`)),
  );
  return {
    files: [`${folder}/src/**/*.ts`],
    ignores: ['**/*.spec.ts', '**/*.fixture.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(refused.length > 0
              ? [{ group: refused, message: `${tag} may not import this; see eslint.config.js.` }]
              : []),
            ...owned.map(({ pattern, instead }) => ({ group: [pattern], message: `Use ${instead} instead.` })),
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/build/**', '**/.svelte-kit/**', '**/node_modules/**', '.tarsy/**', '.nx/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    ignores: ['apps/ui/**', 'tools/build/**'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Export by name: adding a line to index.ts is a decision.' },
      ],
    },
  },
  // Nest reads constructor parameter types at run time, so those imports are values.
  {
    files: ['apps/*/src/**/*.ts', 'libs/messaging/src/**/*.ts', 'libs/service/src/**/*.ts'],
    ignores: ['apps/ui/**'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  { files: ['tools/**/*.ts', 'tests/**/*.ts', 'libs/mcp-servers/**/*.ts'], rules: { 'no-console': 'off' } },
  ...boundaries,
  ...svelte.configs['flat/recommended'],
  // svelte-check knows runes, browser globals and types; these two rules know none of them.
  { files: ['apps/ui/**', 'eslint.config.js'], rules: { 'no-undef': 'off', 'no-unused-vars': 'off' } },
  {
    files: ['apps/ui/**/*.svelte', 'apps/ui/**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  { files: ['apps/ui/**/*.ts'], languageOptions: { parser: tseslint.parser } },
);
