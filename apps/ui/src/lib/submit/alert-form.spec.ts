import { describe, expect, it } from 'vitest';
import { EMPTY_FORM, LARGEST_ALERT_BYTES, problemsOf, submissionOf } from './alert-form';

describe(problemsOf.name, () => {
  it.each([
    [{}, { data: 'empty' }],
    [{ data: ' \n' }, { data: 'empty' }],
    [{ data: 'disk full' }, {}],
    [{ data: 'é'.repeat(LARGEST_ALERT_BYTES / 2 + 1) }, { data: 'tooLarge' }],
    [{ data: 'a', runbook: 'https://wiki.example.com/disk' }, {}],
    [{ data: 'a', runbook: 'javascript:alert(1)' }, { runbook: 'url' }],
    [{ data: 'a', runbook: 'wiki/disk' }, { runbook: 'url' }],
  ])('case %#', (fields, problems) => {
    expect(problemsOf({ ...EMPTY_FORM, ...fields })).toEqual(problems);
  });
});

describe(submissionOf.name, () => {
  it('sends what was filled in and nothing else', () => {
    expect(submissionOf({ ...EMPTY_FORM, data: ' x ', runbook: ' ' })).toEqual({ data: ' x ' });
    expect(submissionOf({ data: 'x', alertType: 'Disk', severity: 'high', runbook: ' https://a.example ' })).toEqual({
      data: 'x',
      alert_type: 'Disk',
      severity: 'high',
      runbook: 'https://a.example',
    });
  });
});
