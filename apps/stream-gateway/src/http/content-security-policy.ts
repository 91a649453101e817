import { createHash } from 'node:crypto';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi;

/**
 * What the dashboard's pages may load and run: their own files, and those inline scripts that the build put into the start page. What slips
 * through the sanitising of a report runs nothing and calls nobody. https://www.w3.org/TR/CSP3/
 */
export function contentSecurityPolicyOf(startPage: string): string {
  const hashes = [...startPage.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    ["script-src 'self'", ...hashes].join(' '),
    // Positions of rows and bars are style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
