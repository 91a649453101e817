/** What a search looks at in one message of Slack. */
export interface FoundMessage {
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly text?: string;
  readonly attachments?: readonly { readonly text?: string; readonly fallback?: string }[];
  readonly blocks?: readonly { readonly block_id?: string }[];
  readonly metadata?: { readonly event_payload?: Readonly<Record<string, unknown>> };
}

/** Lower case without any white space. */
export function normalised(text: string): string {
  return text.toLowerCase().replace(/\s+/g, '');
}

/** @param wanted Already {@link normalised}. */
export function whoseTextHolds(wanted: string): (message: FoundMessage) => boolean {
  return ({ text, attachments = [] }) =>
    [text, ...attachments.flatMap((attachment) => [attachment.text, attachment.fallback])].some(
      (part) => part !== undefined && normalised(unescaped(part)).includes(wanted),
    );
}

/** By its metadata, or by its first block where the token may not read metadata. */
export function wasPostedFor(notificationId: string): (message: FoundMessage) => boolean {
  return ({ metadata, blocks = [] }) =>
    metadata?.event_payload?.['notification_id'] === notificationId ||
    blocks.some(({ block_id }) => block_id === notificationId);
}

/** Slack gives text as it was escaped by whoever sent it. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
