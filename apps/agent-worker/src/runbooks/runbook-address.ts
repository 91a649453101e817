import { BlockList, isIP } from 'node:net';
import { RunbookUnavailableError } from './runbooks.errors.js';

/** Addresses of this machine and of networks behind a firewall: https://www.iana.org/assignments/iana-ipv4-special-registry */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

/** IPv4 addresses in the clothes of IPv6 are what they are inside. Anything that is no address counts as private. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * http or https, and a host that is an allowed domain, with or without `www.`; the port does not matter.
 * @throws {RunbookUnavailableError}
 */
export function checkedUrl(text: string, allowedDomains: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new RunbookUnavailableError('the address of the runbook is no http or https URL');
  const host = url.hostname.toLowerCase();
  if (!allowedDomains.some((domain) => [domain.toLowerCase(), `www.${domain.toLowerCase()}`].includes(host)))
    throw new RunbookUnavailableError(`host ${host} is not allowed for runbooks`);
  return url;
}

/** Of a page of GitHub that shows a file, the file itself; any other address as it is. Branches with a `/` in their name are not known. */
export function rawUrlOf(url: URL): URL {
  if (!['github.com', 'www.github.com'].includes(url.hostname.toLowerCase())) return url;
  const [, owner, repository, kind, ...rest] = url.pathname.split('/');
  if (!owner || !repository || (kind !== 'blob' && kind !== 'tree') || rest.length < 2) return url;
  return new URL(`https://raw.githubusercontent.com/${owner}/${repository}/${rest.join('/')}`);
}

const GITHUB_HOSTS = new Set(['github.com', 'www.github.com', 'raw.githubusercontent.com', 'api.github.com']);

/** A token of GitHub is for GitHub, and not for everybody on the way. */
export function mayHaveToken(url: URL): boolean {
  return url.protocol === 'https:' && GITHUB_HOSTS.has(url.hostname.toLowerCase());
}
