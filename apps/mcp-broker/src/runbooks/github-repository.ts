/** A folder of a repository, as its page on GitHub names it. */
export interface RepositoryFolder {
  readonly owner: string;
  readonly repository: string;
  /** Branch, tag or commit; undefined is the default branch. */
  readonly reference: string | undefined;
  /** Path of the folder, without slashes at its ends; empty is the whole repository. */
  readonly path: string;
}

/**
 * Of `https://<host>/<owner>/<repository>[/tree/<reference>[/<path>]]`; undefined for any other address. A reference with a `/` in its
 * name is not known.
 */
export function repositoryFolderOf(address: string): RepositoryFolder | undefined {
  if (!URL.canParse(address)) return undefined;
  const { pathname, protocol } = new URL(address);
  if (!/^https?:$/.test(protocol)) return undefined;
  const [owner, name, kind, reference, ...path] = pathname.split('/').filter((part) => part !== '').map(decoded); // prettier-ignore
  const repository = name?.replace(/\.git$/, '');
  if (!owner || !repository || (kind !== undefined && (kind !== 'tree' || reference === undefined))) return undefined;
  return { owner, repository, reference, path: path.join('/') };
}

/** Where GitHub's API lists the entries of a folder. */
export function contentsUrlOf(apiUrl: string, { owner, repository, reference }: RepositoryFolder, path: string): URL {
  const encoded = [owner, repository, 'contents', ...path.split('/').filter((part) => part !== '')].map(encodeURIComponent); // prettier-ignore
  const url = new URL(`${apiUrl}/repos/${encoded.join('/')}`);
  if (reference !== undefined) url.searchParams.set('ref', reference);
  return url;
}

/** A token of GitHub is for GitHub alone, whatever the API's address was set to. */
export function mayHaveToken({ protocol, host }: URL): boolean {
  return protocol === 'https:' && host === 'api.github.com';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
