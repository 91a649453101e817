import type { ServicePresence } from '@tarsy/contracts';
import { describe, expect, it } from 'vitest';
import { configurationWarnings } from './configuration-warnings.js';

const presence = (replica: string, details: ServicePresence['details']): ServicePresence => ({
  app: 'ingest',
  replica,
  pid: 1,
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  seenAt: '2026-01-01T00:00:00.000Z',
  details,
});
const rejected = (at: string, problems = 'tarsy.yaml:1:1: broken'): ServicePresence['details'] => ({
  configurationRejected: problems,
  configurationRejectedAt: at,
});

describe(configurationWarnings.name, () => {
  it('names the services that go on with the last good configuration, and why', () => {
    const warnings = configurationWarnings([
      presence('ingest-1', rejected('2026-01-02T00:00:01.000Z')),
      presence('chain-runner-1', rejected('2026-01-02T00:00:00.000Z')),
      presence('mcp-broker-1', { configuration: 'abc' }),
    ]);
    expect(warnings).toMatchObject([
      {
        category: 'configuration',
        message: 'The changed configuration has errors; chain-runner-1, ingest-1 go on with the last good one',
        details: 'tarsy.yaml:1:1: broken',
        created_at: '2026-01-02T00:00:00.000Z',
      },
    ]);
  });

  it('tells different problems apart, and nothing where all is well', () => {
    const other = rejected('2026-01-02T00:00:00.000Z', 'other');
    expect(configurationWarnings([presence('a', other), presence('b', rejected('2026-01-02T00:00:00.000Z'))])).toHaveLength(2); // prettier-ignore
    expect(configurationWarnings([presence('a', {})])).toEqual([]);
  });
});
