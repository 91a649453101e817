import { Masker } from '@tarsy/masking';
import type { Effective } from '../effective.js';

const HIDDEN = '***';
/** Longer texts keep what is around their secrets. */
const MOST_CHARACTERS_HIDDEN_WHOLE = 200;
/** Whatever these hold is hidden: arguments often carry secrets, and so do variables and headers. */
const SECRET_FIELDS = new Set(['bearer_token', 'args', 'env', 'custom_headers']);
/** Names, not secrets. */
const PLAIN_FIELDS = /(_env|^pattern_groups?|^patterns|^pattern)$/;

const masker = new Masker({
  patternGroups: ['secrets', 'cloud'],
  patterns: ['certificate', 'certificate_authority_data', 'ssh_key', 'slack_token'],
  customPatterns: [{ pattern: 'gh[pousr]_\\w{36,}', replacement: HIDDEN }],
});

/** The effective configuration for people: secrets, and what looks like one, are `***`; addresses have no user and no query. */
export function maskedSections({ sections }: Effective): Effective['sections'] {
  return masked(sections, '') as Effective['sections'];
}

function masked(value: unknown, key: string): unknown {
  if (SECRET_FIELDS.has(key)) return hidden(value);
  if (typeof value === 'string') return PLAIN_FIELDS.test(key) ? value : maskedText(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item, name)]));
}

/** Keys stay, so that one sees what is set. */
function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hidden(item)]));
  return value === '' ? '' : HIDDEN;
}

function maskedText(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text)) return publicAddress(text);
  const result = masker.mask(text);
  if (result === text) return text;
  return text.length <= MOST_CHARACTERS_HIDDEN_WHOLE ? HIDDEN : result;
}

/** An address without user, password and query; unchanged where it has none of them. */
function publicAddress(text: string): string {
  const url = new URL(text);
  if (!url.username && !url.password && !url.search) return text;
  url.username = url.password = url.search = '';
  return url.href;
}
