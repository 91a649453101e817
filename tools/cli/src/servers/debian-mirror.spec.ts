import { describe, expect, it } from 'vitest';
import { mainArchiveIn } from './debian-mirror.js';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

describe(mainArchiveIn.name, () => {
  it('reads the stanza form, comments between fields included', () => {
    const text = `Types: deb
# snapshot of yesterday
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: ${KEYRING}

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
`;
    expect(mainArchiveIn([text])).toEqual({
      uri: 'http://deb.debian.org/debian',
      suite: 'bookworm',
      signedBy: KEYRING,
    });
  });

  it('reads the one-line form and its options', () => {
    const text = `# deb http://off.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=${KEYRING}] https://mirror.example/debian trixie main contrib
`;
    expect(mainArchiveIn([text])).toEqual({
      uri: 'https://mirror.example/debian',
      suite: 'trixie',
      signedBy: KEYRING,
    });
  });

  it('passes over archives of others, of sources and those that are switched off', () => {
    expect(
      mainArchiveIn([
        'deb https://packages.example/cloud-sdk cloud-sdk main',
        'Types: deb-src\nURIs: http://deb.debian.org/debian\nSuites: bookworm\n',
        'Types: deb\nEnabled: no\nURIs: http://deb.debian.org/debian\nSuites: bookworm\n',
      ]),
    ).toBeUndefined();
  });
});
