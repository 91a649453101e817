import { STREAM_SETTINGS, type StreamName } from '@tarsy/contracts';

/**
 * Whether a stream pushes back in the publisher instead of the server: a server does not combine delayed messages with
 * `discard: new`, and `discard: old` would lose work, so such a stream has no limit there.
 */
export function isLimitedByPublisher(stream: StreamName): boolean {
  const { allowSchedules, discard } = STREAM_SETTINGS[stream];
  return allowSchedules && discard === 'new';
}
