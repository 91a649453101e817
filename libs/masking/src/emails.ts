const DOMAIN = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63}\b/;

/**
 * Replaces e-mail addresses. Looks at each run of characters that addresses are made of once, from `@` to `@`: an expression that tries
 * every character as the start of an address takes quadratic time on a long dotted text.
 */
export function maskEmails(text: string, replacement: string): string {
  return text.replace(/[A-Za-z0-9._%+@-]+/g, (run) => (run.includes('@') ? maskedRun(run, replacement) : run));
}

function maskedRun(run: string, replacement: string): string {
  const [first = '', ...others] = run.split('@');
  const parts: string[] = [];
  let name = first;
  for (const other of others) {
    const domain = name === '' ? undefined : DOMAIN.exec(other)?.[0];
    parts.push(domain === undefined ? `${name}@` : replacement);
    name = domain === undefined ? other : other.slice(domain.length);
  }
  return parts.join('') + name;
}
