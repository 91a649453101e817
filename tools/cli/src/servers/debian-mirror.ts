export interface DebianSource {
  readonly uri: string;
  readonly suite: string;
  readonly signedBy: string | undefined;
}

/** The main archive in the texts of apt's source files, one-line or deb822 style; security and backports are passed over. */
export function mainArchiveIn(texts: readonly string[]): DebianSource | undefined {
  return texts
    .flatMap((text) => (/^Types:/m.test(text) ? stanzas(text) : lines(text)))
    .find(({ uri, suite }) => isMain(uri, suite));
}

function isMain(uri: string, suite: string): boolean {
  return (
    /^https?:/.test(uri) && /debian/.test(uri) && !/security/.test(uri) && !/security|updates|backports/.test(suite)
  );
}

function stanzas(text: string): DebianSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(stanza)?.[1]?.trim();
    if (!field('Types')?.split(/\s+/).includes('deb') || field('Enabled') === 'no') return [];
    const [uri] = field('URIs')?.split(/\s+/) ?? [];
    const [suite] = field('Suites')?.split(/\s+/) ?? [];
    return uri && suite ? [{ uri, suite, signedBy: field('Signed-By') }] : [];
  });
}

function lines(text: string): DebianSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line.trim());
    return match ? [{ uri: match[2]!, suite: match[3]!, signedBy: /signed-by=(\S+)/.exec(match[1] ?? '')?.[1] }] : [];
  });
}
