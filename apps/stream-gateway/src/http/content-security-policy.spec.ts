import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { contentSecurityPolicyOf } from './content-security-policy.js';

const hashOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

it('allows the inline scripts of the start page by their hashes, and no other', () => {
  const theme = '\n  document.title = "x";\n';
  const policy = contentSecurityPolicyOf(
    `<head><script>${theme}</script><script src="/a.js"></script></head><body><script type="module">go()</script></body>`,
  );
  expect(policy).toContain(`script-src 'self' ${hashOf(theme)} ${hashOf('go()')};`);
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
});

it('allows only files of its own where the page has no inline script', () => {
  expect(contentSecurityPolicyOf('<p>none</p>')).toContain("script-src 'self';");
});
