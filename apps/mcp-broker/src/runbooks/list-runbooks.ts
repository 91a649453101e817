import type { RepositoryFolder } from '@tarsy/config';
import { z } from 'zod';
import { contentsUrlOf, mayHaveToken } from './github-api.js';
import { RunbookListingError } from './runbooks.errors.js';

const MOST_FOLDERS = 500;
const FOLDERS_AT_ONCE = 8;
const MOST_ANSWER_BYTES = 8 * 1024 ** 2;
/** What one message to the gateway can carry, and one form can offer. */
const MOST_RUNBOOKS = 2_000;
const MOST_LISTED_BYTES = 400 * 1024;

/** What GitHub says of the entries of a folder; there is more. */
const entriesSchema = z.array(
  z.object({ type: z.string(), name: z.string(), path: z.string(), html_url: z.string().nullable().default(null) }),
);

export interface ListingRules {
  readonly apiUrl: string;
  /** Sent to GitHub's own host alone. */
  readonly token: string | undefined;
  /** Only addresses that an alert may name are of use to anybody. */
  readonly isAllowed: (url: string) => boolean;
}

/**
 * Addresses of all Markdown files in a folder and those below it, sorted; at most 2,000 from 500 folders.
 * @throws {RunbookListingError} GitHub could not be asked
 */
export async function listRunbooks(
  folder: RepositoryFolder,
  rules: ListingRules,
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = [];
  const waiting = [folder.path];
  for (let asked = 0; waiting.length > 0 && asked < MOST_FOLDERS;) {
    const next = waiting.splice(0, Math.min(FOLDERS_AT_ONCE, MOST_FOLDERS - asked));
    asked += next.length;
    const listed = await Promise.all(next.map((path) => entriesOf(contentsUrlOf(rules.apiUrl, folder, path), rules, signal))); // prettier-ignore
    for (const { type, name, path, html_url: url } of listed.flat()) {
      if (type === 'dir') waiting.push(path);
      if (type === 'file' && /\.md$/i.test(name) && url !== null && rules.isAllowed(url)) found.push(url);
    }
  }
  return bounded(found.sort());
}

function bounded(urls: readonly string[]): string[] {
  let bytes = 0;
  return urls.slice(0, MOST_RUNBOOKS).filter((url) => (bytes += Buffer.byteLength(url) + 3) <= MOST_LISTED_BYTES);
}

async function entriesOf(
  url: URL,
  { token }: ListingRules,
  signal: AbortSignal,
): Promise<z.output<typeof entriesSchema>> {
  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': 'tarsy',
    'x-github-api-version': '2022-11-28',
    ...(token && mayHaveToken(url) ? { authorization: `Bearer ${token}` } : {}),
  };
  try {
    // To another origin fetch takes no Authorization along.
    const response = await fetch(url, { headers, signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new RunbookListingError(`${url.host}${url.pathname} answered ${response.status}`);
    }
    return entriesSchema.parse(JSON.parse(await textOf(response)));
  } catch (error) {
    if (error instanceof RunbookListingError) throw error;
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      throw new RunbookListingError(`${url.host}${url.pathname} is no folder`, { cause: error });
    throw new RunbookListingError(`${url.host}: ${reasonOf(error)}`, { cause: error });
  }
}

/** fetch itself says no more than that it failed. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > MOST_ANSWER_BYTES) throw new RunbookListingError('a folder has too many entries');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
