/** Longest body of a message, in characters as Slack counts them. Slack's own limit for a section is 3 000. */
export const LONGEST_BODY = 2_900;

const CUT_NOTE = '\n\n_… cut here; TARSy has the whole text_';
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * A model's Markdown as Slack shows it: headings and bold, links, code. What would address people or channels (`<!here>`, `<@U1>`) is
 * shown as text. Cut after {@link LONGEST_BODY} characters, with a note.
 */
export function slackTextOf(markdown: string): string {
  const { kept, isCut } = cut(markdown.trim());
  return slackMarkup(kept) + (isCut ? CUT_NOTE : '');
}

/** https://docs.slack.dev/messaging/formatting-message-text */
function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => ESCAPED[character]!);
}

/** Whole characters only, and counted as they are sent: `<` takes four. */
function cut(text: string): { kept: string; isCut: boolean } {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += ESCAPED[character]?.length ?? character.length;
    if (length > LONGEST_BODY) return { kept: text.slice(0, end).trimEnd(), isCut: true };
    end += character.length;
  }
  return { kept: text, isCut: false };
}

/** Code keeps its characters; around it, Markdown's marks become Slack's. */
function slackMarkup(markdown: string): string {
  const pieces = markdown.split(/(```[\s\S]*?(?:```|$)|`[^`\n]+`)/);
  return pieces.map((piece, index) => (index % 2 === 1 ? escapeText(piece) : prose(piece))).join('');
}

function prose(markdown: string): string {
  return escapeText(markdown)
    .replace(/^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm, (_, title: string) => `*${title.replaceAll('**', '')}*`)
    .replace(/\*\*(\S(?:[^\n]*?\S)?)\*\*/g, '*$1*')
    .replace(/\[([^\]\n|]+)\]\((https?:\/\/[^\s)|]+)\)/g, '<$2|$1>')
    .replace(/^([ \t]*)[*-][ \t]+/gm, '$1• ');
}
