import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

const VARIABLE = 'TARSY_HOST_PROBE_ALLOW';
const DEFAULT_ALLOWED = 'localhost,127.0.0.1,[::1]';

/** Never, whatever is allowed: link-local addresses hold the metadata services of clouds. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('100.100.100.200', 'ipv4');

export interface AllowedTarget {
  readonly host: string;
  /** The address to connect to: the one that was checked, so that a second look-up can not bring another. */
  readonly address: string;
  readonly family: 4 | 6;
}

/** `*.example.com`, `example.com:443`, `10.0.0.*`; without a port any port. Case does not matter. */
function isAllowed(host: string, port: number, list: string): boolean {
  return list.split(',').map((entry) => entry.trim()).filter(Boolean).some((entry) => {
    const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry);
    if (!match || (match[2] !== undefined && Number(match[2]) !== port)) return false;
    const pattern = match[1]!.replace(/^\[|\]$/g, '').replace(/[.+?^${}()|\\]/g, '\\$&').replaceAll('*', '[^.]*');
    return new RegExp(`^${pattern}$`, 'i').test(host.replace(/^\[|\]$/g, ''));
  }); // prettier-ignore
}

/**
 * Checks that this tool server may connect to a host, by name and by the address behind it.
 * @throws {Error} it may not; the message names the variable that decides
 */
export async function allowedTarget(
  host: string,
  port: number,
  list = process.env[VARIABLE] || DEFAULT_ALLOWED,
): Promise<AllowedTarget> {
  if (!isAllowed(host, port, list))
    throw new Error(
      `refused: ${host}:${port} is not on the allow-list of this tool server (${list}); an operator can add it in ${VARIABLE}`,
    );
  const bare = host.replace(/^\[|\]$/g, '');
  const { address, family } = isIP(bare) ? { address: bare, family: isIP(bare) } : await lookup(bare);
  if (FORBIDDEN.check(address, family === 6 ? 'ipv6' : 'ipv4'))
    throw new Error(`refused: ${host} resolves to ${address}, which is never probed`);
  return { host: bare, address, family: family === 6 ? 6 : 4 };
}
