import type { KnownBlock } from '@slack/web-api';
import type { TerminalStatus } from '@tarsy/contracts';
import type { Notification } from '../sessions/notification.js';
import { slackTextOf } from './markdown-text.js';

/** The content of one Slack message. */
export interface SlackContent {
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

const END: Readonly<Record<TerminalStatus, { emoji: string; label: string }>> = {
  completed: { emoji: ':white_check_mark:', label: 'Analysis Complete' },
  failed: { emoji: ':x:', label: 'Analysis Failed' },
  timed_out: { emoji: ':hourglass:', label: 'Analysis Timed Out' },
  cancelled: { emoji: ':no_entry_sign:', label: 'Analysis Cancelled' },
};

/** @param notificationId Marks the first block, so that the message can be found again. */
export function slackContentOf(notification: Notification, notificationId: string, dashboardUrl: string): SlackContent {
  const url = `${dashboardUrl}/sessions/${notification.sessionId}`;
  switch (notification.kind) {
    case 'start':
      return startContent(notificationId, url);
    case 'pause':
      return pauseContent(notificationId, url);
    case 'end':
      return endContent(notification, notificationId, url);
  }
}

function startContent(notificationId: string, url: string): SlackContent {
  const text = `:arrows_counterclockwise: Processing started, <${url}|follow it in TARSy>`;
  return { text: 'Processing started', blocks: [section(text, notificationId)] };
}

function pauseContent(notificationId: string, url: string): SlackContent {
  const text =
    ':double_vertical_bar: *Analysis Paused*\nAgents have used up their iterations. Somebody has to let them go on, or cancel the session.';
  return {
    text: ':double_vertical_bar: Analysis Paused',
    blocks: [section(text, notificationId), linkButton('Resume or Cancel', url)],
  };
}

function endContent(
  { status, body }: Extract<Notification, { kind: 'end' }>,
  notificationId: string,
  url: string,
): SlackContent {
  const { emoji, label } = END[status];
  const button = status === 'completed' ? 'View Full Analysis' : 'View Details';
  return {
    text: `${emoji} ${label}`,
    blocks: [
      section(`${emoji} *${label}*`, notificationId),
      ...(body === undefined ? [] : [section(slackTextOf(body))]),
      linkButton(button, url),
    ],
  };
}

const linkButton = (text: string, url: string): KnownBlock => ({
  type: 'actions',
  elements: [{ type: 'button', text: { type: 'plain_text', text }, url, action_id: 'view_session' }],
});

const section = (text: string, blockId?: string): KnownBlock => ({
  type: 'section',
  ...(blockId === undefined ? {} : { block_id: blockId }),
  text: { type: 'mrkdwn', text },
});
