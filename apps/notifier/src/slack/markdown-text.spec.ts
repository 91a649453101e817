import { describe, expect, it } from 'vitest';
import { LONGEST_BODY, slackTextOf } from './markdown-text.js';

describe(slackTextOf.name, () => {
  it.each([
    ['## Root cause', '*Root cause*'],
    ['## **Root** cause', '*Root cause*'],
    ['the **disk** is **full**', 'the *disk* is *full*'],
    ['see [the runbook](https://example.com/a?b=1&c=2)', 'see <https://example.com/a?b=1&amp;c=2|the runbook>'],
    ['- one\n  * two', '• one\n  • two'],
    ['a < b && c > d', 'a &lt; b &amp;&amp; c &gt; d'],
    ['run `rm **/*.log <dir>`', 'run `rm **/*.log &lt;dir&gt;`'],
    ['```\n# not a title\n- nor a list\n```', '```\n# not a title\n- nor a list\n```'],
    ['2 * 3 * 4', '2 * 3 * 4'],
  ])('writes %j as Slack wants it', (markdown, text) => {
    expect(slackTextOf(markdown)).toBe(text);
  });

  it('lets no text of a model address people', () => {
    expect(slackTextOf('<!channel> <@U123> <https://evil.example|click>')).not.toMatch(/[<>]/);
    expect(slackTextOf('[click](javascript:alert)')).toBe('[click](javascript:alert)');
  });

  it('keeps a body of the longest length whole and cuts a longer one with a note', () => {
    expect(slackTextOf('x'.repeat(LONGEST_BODY))).toBe('x'.repeat(LONGEST_BODY));
    const text = slackTextOf('x'.repeat(LONGEST_BODY + 1));
    expect(text).toMatch(new RegExp(`^x{${LONGEST_BODY}}\\n\\n_… cut here`));
    expect(text.length).toBeLessThanOrEqual(3_000);
  });

  it('counts characters as they are sent and leaves none in halves', () => {
    expect(slackTextOf('<'.repeat(5_000)).length).toBeLessThanOrEqual(3_000);
    expect(slackTextOf('🔥'.repeat(5_000))).toMatch(/^(🔥)+\n\n_/u);
  });
});
