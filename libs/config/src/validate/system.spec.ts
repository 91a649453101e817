import { describe, expect, it } from 'vitest';
import { brief, problemsOf } from '../configuration.fixture.js';

describe('system', () => {
  it.each([
    ['system: { runbooks: { repo_url: "not a url" } }', ['tarsy.yaml:1:33: system.runbooks.repo_url: must be a URL']],
    ['system: { runbooks: { cache_ttl: 0s } }', ['tarsy.yaml:1:34: system.runbooks.cache_ttl: must be positive']],
    [
      'system: { runbooks: { allowed_domains: [github.com, ""] } }',
      ['tarsy.yaml:1:53: system.runbooks.allowed_domains.1: must not be empty'],
    ],
    [
      'system: { slack: { enabled: true } }',
      ['tarsy.yaml:1:18: system.slack.channel: is required when Slack is enabled'],
    ],
    [
      'system: { cost_estimation: { model_rates: { m: { input_per_million: -1, output_per_million: .inf } } } }',
      [
        'tarsy.yaml:1:69: system.cost_estimation.model_rates.m.input_per_million: must be 0 or more',
        'tarsy.yaml:1:93: system.cost_estimation.model_rates.m.output_per_million: must be a finite number',
      ],
    ],
    [
      'system: { cost_estimation: { model_rates: { "": {} } } }',
      ['tarsy.yaml:1:49: system.cost_estimation.model_rates.: the model needs a name'],
    ],
    [
      'system: { cost_estimation: { promotions: [{ end: 2026-01-01 }, { model: m }] } }',
      [
        'tarsy.yaml:1:43: system.cost_estimation.promotions.0.model: is required',
        'tarsy.yaml:1:64: system.cost_estimation.promotions.1.end: is required',
      ],
    ],
    [
      'system: { cost_estimation: { promotions: [{ id: p, model: m, end: 2026-01-01 }, { id: p, model: n, end: 2026-01-01 }] } }',
      ['tarsy.yaml:1:87: system.cost_estimation.promotions.1.id: promotion "p" is already defined'],
    ],
    [
      'system: { cost_estimation: { promotions: [{ model: m, start: yesterday, end: 2026-13-01 }] } }',
      [
        'tarsy.yaml:1:62: system.cost_estimation.promotions.0.start: must be an RFC 3339 time or YYYY-MM-DD',
        'tarsy.yaml:1:78: system.cost_estimation.promotions.0.end: must be an RFC 3339 time or YYYY-MM-DD',
      ],
    ],
    [
      'system: { cost_estimation: { promotions: [{ model: m, start: 2026-02-01, end: 2026-02-01T00:00:00Z }] } }',
      ['tarsy.yaml:1:79: system.cost_estimation.promotions.0.end: must be after start'],
    ],
    [
      'system: { cost_estimation: { promotions: [{ model: m, end: 2026-02-01 }, { model: m, start: 2026-01-31T23:59:59Z, end: 2026-03-01 }] } }',
      ['tarsy.yaml:1:74: system.cost_estimation.promotions.1: overlaps another promotion of "m"'],
    ],
    [
      'system: { cost_estimation: { promotions: [{ model: m, end: 2026-02-01, input_per_million: -1, output_per_million: .nan }] } }',
      [
        'tarsy.yaml:1:91: system.cost_estimation.promotions.0.input_per_million: must be 0 or more',
        'tarsy.yaml:1:115: system.cost_estimation.promotions.0.output_per_million: must be a finite number',
      ],
    ],
    [
      'system: { retention: { event_ttl: long } }',
      ['tarsy.yaml:1:35: system.retention.event_ttl: "long" is not a duration such as 500ms, 90s or 1h30m'],
    ],
  ])('refuses %s', (tarsy, problems) => {
    expect(problemsOf({ tarsy }).map(brief)).toEqual(problems);
  });
});
