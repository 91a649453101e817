/** A Markdown text without its marks, in one line: for places too small to draw it. */
export function plainTextOf(markdown: string): string {
  return markdown
    .replace(/^```.*$/gm, ' ')
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|~~)(?=\S)(.+?)\1/gs, '$2')
    .replace(/(?<![\w*])[*_](?=\S)([^*_\n]+)[*_](?![\w*])/g, '$1')
    .replace(/`+([^`]*)`+/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
