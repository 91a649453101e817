const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Origins of `vite dev` and of a dashboard on the default port; together with the dashboard's own they may call the API. */
export const DEVELOPMENT_ORIGINS = ['5173', '8080'].flatMap((port) => [
  `http://localhost:${port}`,
  `http://127.0.0.1:${port}`,
]);

/**
 * Whether a browser page may open a WebSocket: from this machine, from the host it was itself served by, or from an
 * allowed origin. A client that is no browser sends no origin and is let in: authentication is the proxy's task.
 *
 * @param ownHosts Values of `Host` and `X-Forwarded-Host` of the request.
 * @param allowed Origins or `*`-patterns of hosts, such as `https://tarsy.example.com` or `*.example.com`.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  ownHosts: readonly (string | undefined)[],
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  if (!url) return false;
  if (LOCAL_HOSTS.has(url.hostname) || ownHosts.includes(url.host)) return true;
  return allowed.some((pattern) => matches(pattern, url));
}

function matches(pattern: string, url: URL): boolean {
  if (pattern === '*') return true;
  const [scheme, host] = pattern.includes('://') ? pattern.split('://', 2) : [undefined, pattern];
  if (scheme !== undefined && `${scheme}:` !== url.protocol) return false;
  const wanted = (host ?? '').replace(/\/.*$/, '').toLowerCase();
  const expression = new RegExp(
    `^${wanted
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
  return expression.test(url.host) || expression.test(url.hostname);
}
