import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatProblem, jsonSchemas, loadConfiguration, shownAsYaml, type Configuration } from './index.js';

const SHIPPED = fileURLToPath(new URL('../../../config', import.meta.url));
const EVERY_KEY = join(SHIPPED, 'examples', 'every-key');
const FILES = ['tarsy', 'llm-providers'] as const;
const ENVIRONMENT = {
  HOME: '/nowhere',
  ACME_API_KEY: 'key',
  ANTHROPIC_API_KEY: 'key',
  GOOGLE_API_KEY: 'key',
  METRICS_TOKEN: 'token-of-the-metrics-server',
  OPENAI_API_KEY: 'key',
  SLACK_BOT_TOKEN: 'token',
};

const read = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8');
const loaded = (directory: string): Configuration =>
  loadConfiguration({ directory, environment: ENVIRONMENT, checkCredentials: true });

describe.each([
  ['shipped', SHIPPED],
  ['every-key', EVERY_KEY],
])('the %s configuration', (name, directory) => {
  it('loads without a warning', () => {
    expect(loaded(directory).warnings.map(formatProblem)).toEqual([]);
  });

  it('means what is stored, each value with its origin', async () => {
    await expect(shownAsYaml(loaded(directory))).toMatchFileSnapshot(`./expected/${name}.txt`);
  });

  it.each(FILES)('fits the schema that %s.yaml names for editors', (file) => {
    const text = read(directory, `${file}.yaml`);
    const [, reference] = /^# yaml-language-server: \$schema=(\S+)/.exec(text) ?? [];
    const schema: object = JSON.parse(read(directory, reference ?? 'none')) as object;
    const validate = new Ajv({ strict: false }).compile(schema);
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe('the JSON schemas', () => {
  it.each(FILES)('of %s.yaml is up to date (tarsy config schema)', (file) => {
    const name = `${file}.schema.json` as const;
    expect(JSON.parse(read(SHIPPED, name))).toEqual(JSON.parse(JSON.stringify(jsonSchemas()[name])));
  });

  it('refuse what the loader refuses', () => {
    const validate = new Ajv({ strict: false }).compile(jsonSchemas()['tarsy.schema.json']);
    expect(validate({ queue: { worker_count: 51 } })).toBe(false);
    expect(validate({ agents: { A: { type: 'wizard' } } })).toBe(false);
    expect(validate({ queue: { session_timeout: 'soon' } })).toBe(false);
    expect(validate({ newer: { key: 1 }, agents: null })).toBe(true);
  });
});

describe('the example with every key', () => {
  /** Dotted paths of the keys of a schema; names of entries and places in lists are left out. */
  function keysOf(schema: JsonSchema, path = ''): string[] {
    const properties = Object.entries(schema.properties ?? {});
    const inner = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])];
    return [
      ...properties.flatMap(([key, below]) => [`${path}.${key}`, ...keysOf(below, `${path}.${key}`)]),
      ...inner.flatMap((below) => (typeof below === 'object' ? keysOf(below, path) : [])),
    ];
  }

  interface JsonSchema {
    readonly properties?: Record<string, JsonSchema>;
    readonly items?: JsonSchema;
    readonly additionalProperties?: JsonSchema | boolean;
    readonly anyOf?: readonly JsonSchema[];
  }

  function keysIn(value: unknown, schema: JsonSchema, path = ''): string[] {
    if (Array.isArray(value)) return value.flatMap((item) => keysIn(item, schema.items ?? {}, path));
    if (typeof value !== 'object' || value === null) return [];
    const shape = schema.anyOf?.find(({ properties }) => properties) ?? schema;
    return Object.entries(value).flatMap(([key, item]) => {
      const known = shape.properties?.[key];
      if (known) return [`${path}.${key}`, ...keysIn(item, known, `${path}.${key}`)];
      return typeof shape.additionalProperties === 'object' ? keysIn(item, shape.additionalProperties, path) : [];
    });
  }

  /** Refused by the loader; in the schema only to be told about. */
  const REFUSED = /^\.defaults\.summarization\.(enabled|size_threshold_tokens|summary_max_token_limit)$/;

  it.each(FILES)('leaves out none of %s.yaml', (file) => {
    const schema = jsonSchemas()[`${file}.schema.json`] as JsonSchema;
    // These mean the same wherever they stand.
    const short = (key: string): string => key.replace(/^.*(\.(sub_agents|fallback_providers)\.)/, '$1');
    const used = new Set(keysIn(parse(read(EVERY_KEY, `${file}.yaml`)), schema).map(short));
    const missing = keysOf(schema).filter((key) => !used.has(short(key)) && !REFUSED.test(key));
    expect(missing).toEqual([]);
  });

  it.each(FILES)('and docs/configuration.md leave out none of %s.yaml', (file) => {
    const documentation = readFileSync(join(SHIPPED, '..', 'docs', 'configuration.md'), 'utf8');
    const words = new Set(documentation.match(/[a-z][a-z_]+/g));
    const names = keysOf(jsonSchemas()[`${file}.schema.json`] as JsonSchema).map((key) => key.split('.').at(-1)!);
    expect([...new Set(names)].filter((name) => !words.has(name))).toEqual([]);
  });
});
