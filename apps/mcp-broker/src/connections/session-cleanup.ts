import type { TransportSettings } from '@tarsy/config';
import { fetch as fetchWith } from 'undici';
import { settingsFor } from './execution-settings.js';
import { dispatcherFor, headersFor } from './transport.js';

/** Answers that mean that there is nothing left to clean up. */
const DONE = new Set([200, 202, 204, 404]);

/**
 * Tells a server that an execution needs it no more, by a DELETE to the address of the configuration. Credentials go along only where
 * that is on the server's own host.
 * @throws {Error} no answer, or another one
 */
export async function requestCleanup(
  settings: TransportSettings,
  executionId: string,
  signal: AbortSignal,
): Promise<void> {
  const own = settingsFor(settings, executionId);
  const url = new URL(own.sessionCleanupUrl ?? '');
  const isOwnHost = URL.canParse(own.url) && new URL(own.url).origin === url.origin;
  const dispatcher = dispatcherFor(own);
  try {
    const headers = isOwnHost ? headersFor(own) : {};
    const response = await fetchWith(url, { method: 'DELETE', headers, redirect: 'error', signal, dispatcher });
    await response.body?.cancel();
    if (!DONE.has(response.status)) throw new Error(`${url.host} answered ${response.status}`);
  } finally {
    await dispatcher.destroy();
  }
}
