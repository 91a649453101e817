import { messageOf } from '@tarsy/core';
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { isIP } from 'node:net';
import { checkedUrl, isPrivateAddress, mayHaveToken, rawUrlOf } from './runbook-address.js';
import { RunbookUnavailableError } from './runbooks.errors.js';

const LONGEST_BYTES = 1024 * 1024;
const MOST_REDIRECTS = 5;
const LONGEST_MS = 15_000;

export interface RunbookRules {
  readonly allowedDomains: readonly string[];
  readonly allowPrivateAddresses: boolean;
  /** A proxy connects in our place and sees to what may be reached; what is looked up here is its own address. Default false. */
  readonly viaProxy?: boolean;
  /** For GitHub's own hosts. */
  readonly token?: string | undefined;
}

/**
 * Text of a runbook of at most 1 MiB. Every redirect is checked as the first address was, and every address that is connected to.
 * @throws {RunbookUnavailableError}
 */
export async function fetchRunbook(address: string, rules: RunbookRules, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
  let url = rawUrlOf(checkedUrl(address, rules.allowedDomains));
  try {
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await open(url, rules, limit);
      const { statusCode = 0, headers } = answer;
      if (statusCode === 200) return await textOf(answer);
      answer.destroy();
      if (statusCode < 300 || statusCode > 399 || headers.location === undefined)
        throw new RunbookUnavailableError(`${url.host} answered ${statusCode}`);
      url = rawUrlOf(checkedUrl(new URL(headers.location, url).href, rules.allowedDomains));
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RunbookUnavailableError) throw error;
    throw new RunbookUnavailableError(`${url.host}: ${messageOf(error)}`, { cause: error });
  }
  throw new RunbookUnavailableError(`more than ${MOST_REDIRECTS} redirects`);
}

async function open(url: URL, rules: RunbookRules, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Names are checked where they are resolved; of an address nobody asks a resolver.
  if (isIP(host) !== 0) checkAddress(host, rules);
  const headers = {
    accept: 'text/plain, text/markdown, */*',
    'user-agent': 'tarsy',
    ...(rules.token !== undefined && mayHaveToken(url) ? { authorization: `Bearer ${rules.token}` } : {}),
  };
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  return await new Promise((resolve, reject) => {
    // A connection of its own: one that is left from before was checked by other rules.
    const options = { headers, signal, ...(rules.viaProxy ? {} : { lookup: checkedLookup(rules), agent: false as const }) }; // prettier-ignore
    get(url, options, resolve).once('error', reject);
  });
}

function checkAddress(address: string, { allowPrivateAddresses }: RunbookRules): void {
  if (!allowPrivateAddresses && isPrivateAddress(address))
    throw new RunbookUnavailableError(
      `${address} is a private address; system.runbooks.allow_private_addresses allows it`,
    );
}

type LookedUp = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** The connection goes to what was checked: there is no second look-up that could bring another address. */
function checkedLookup(rules: RunbookRules): (host: string, options: LookupOptions, done: LookedUp) => void {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '');
      try {
        for (const { address } of addresses) checkAddress(address, rules);
      } catch (refusal) {
        return done(refusal as Error, '');
      }
      if (options.all) return done(null, addresses);
      const [first] = addresses;
      done(null, first!.address, first!.family);
    });
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    // Leaving the loop closes the connection.
    if (bytes > LONGEST_BYTES) throw new RunbookUnavailableError(`the runbook has more than ${LONGEST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
