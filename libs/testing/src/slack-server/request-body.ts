import type { IncomingMessage } from 'node:http';

/** Arguments of one call, whichever way they came: JSON, or a form whose compound values are JSON. */
export type SlackArguments = Readonly<Record<string, unknown>>;

export async function argumentsOf(request: IncomingMessage): Promise<SlackArguments> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  const isJson = request.headers['content-type']?.includes('application/json') ?? false;
  if (isJson) return text === '' ? {} : (JSON.parse(text) as SlackArguments);
  return Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, formValue(value)]));
}

/** Only objects and lists are JSON: a time stamp such as `1700000000.000100` stays the text it is. */
function formValue(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
