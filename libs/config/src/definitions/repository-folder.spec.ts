import { describe, expect, it } from 'vitest';
import { repositoryFolderOf } from './repository-folder.js';

describe(repositoryFolderOf.name, () => {
  it.each([
    ['https://github.com/acme/runbooks', { reference: undefined, path: '' }],
    ['https://github.com/acme/runbooks.git', { reference: undefined, path: '' }],
    ['https://github.com/acme/runbooks/tree/main', { reference: 'main', path: '' }],
    ['https://github.com/acme/runbooks/tree/v1.2/sre/on%20call/', { reference: 'v1.2', path: 'sre/on call' }],
  ])('reads %s', (address, rest) => {
    expect(repositoryFolderOf(address)).toEqual({ owner: 'acme', repository: 'runbooks', ...rest });
  });

  it.each(['https://github.com/acme', 'https://github.com/acme/runbooks/blob/main/a.md', 'acme/runbooks', 'ftp://github.com/a/b'])(
    'knows no folder in %s',
    (address) => expect(repositoryFolderOf(address)).toBeUndefined(),
  ); // prettier-ignore
});
