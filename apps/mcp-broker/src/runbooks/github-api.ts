import type { RepositoryFolder } from '@tarsy/config';

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
