import { LIMITS, shortened } from '../alerts/limits.js';

const HEADERS = ['x-forwarded-user', 'x-forwarded-email', 'x-remote-user'] as const;

/** Who sent the request, as the proxy in front says; `api-client` where it says nothing. */
export function authorOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  for (const name of HEADERS) {
    const value = headers[name];
    const text = (Array.isArray(value) ? value[0] : value)?.trim();
    if (text) return shortened(text, LIMITS.author);
  }
  return 'api-client';
}
