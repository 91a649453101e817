import { describe, expect, it } from 'vitest';
import type { Notification } from '../sessions/notification.js';
import { slackContentOf, type SlackContent } from './slack-layout.js';

const sessionId = 'one';
const url = 'https://tarsy.example.com/sessions/one';
const contentOf = (notification: Notification): SlackContent =>
  slackContentOf(notification, 'one.mark', 'https://tarsy.example.com');

describe(slackContentOf.name, () => {
  it('tells of a start in one line with a link', () => {
    const { text, blocks } = contentOf({ kind: 'start', sessionId });
    expect(text).toBe('Processing started');
    expect(blocks).toEqual([
      {
        type: 'section',
        block_id: 'one.mark',
        text: { type: 'mrkdwn', text: `:arrows_counterclockwise: Processing started, <${url}|follow it in TARSy>` },
      },
    ]);
  });

  it('says of a pause that somebody has to decide, and where', () => {
    const { text, blocks } = contentOf({ kind: 'pause', sessionId, revision: 7 });
    expect(text).toBe(':double_vertical_bar: Analysis Paused');
    expect(blocks).toMatchObject([
      { block_id: 'one.mark', text: { text: expect.stringContaining('let them go on, or cancel') as string } },
      { elements: [{ text: { text: 'Resume or Cancel' }, url }] },
    ]);
  });

  it.each([
    ['completed', ':white_check_mark:', 'Analysis Complete', 'View Full Analysis'],
    ['failed', ':x:', 'Analysis Failed', 'View Details'],
    ['timed_out', ':hourglass:', 'Analysis Timed Out', 'View Details'],
    ['cancelled', ':no_entry_sign:', 'Analysis Cancelled', 'View Details'],
  ] as const)('heads, explains and links a session that is %s', (status, emoji, label, button) => {
    const { text, blocks } = contentOf({ kind: 'end', sessionId, status, body: '**why**' });
    expect(text).toBe(`${emoji} ${label}`);
    expect(blocks).toEqual([
      { type: 'section', block_id: 'one.mark', text: { type: 'mrkdwn', text: `${emoji} *${label}*` } },
      { type: 'section', text: { type: 'mrkdwn', text: '*why*' } },
      {
        type: 'actions',
        elements: [{ type: 'button', text: { type: 'plain_text', text: button }, url, action_id: 'view_session' }],
      },
    ]);
  });

  it('leaves the body out where there is none', () => {
    const { blocks } = contentOf({ kind: 'end', sessionId, status: 'cancelled', body: undefined });
    expect(blocks.map(({ type }) => type)).toEqual(['section', 'actions']);
  });
});
