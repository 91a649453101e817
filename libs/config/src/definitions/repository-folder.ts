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

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
