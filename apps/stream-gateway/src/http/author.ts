/** Headers of a request as Fastify hands them over. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const AUTHOR_HEADERS = ['x-forwarded-user', 'x-forwarded-email', 'x-remote-user'] as const;

/** Who sent a request, as the reverse proxy in front says; `api-client` where it says nothing. */
export function authorOf(headers: RequestHeaders): string {
  for (const name of AUTHOR_HEADERS) {
    const value = headers[name];
    const text = (Array.isArray(value) ? value[0] : value)?.trim();
    if (text) return text;
  }
  return 'api-client';
}
