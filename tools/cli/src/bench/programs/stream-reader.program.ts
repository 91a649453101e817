import type { ModelReference } from '@tarsy/contracts';
import { createLanguageModel, type LanguageModel } from '@tarsy/llm';
import { answerCalls } from '../program.js';
import type { Vendor } from '../vendor-streams.js';

export interface ReadSettings {
  readonly vendor: Vendor;
  readonly url: string;
  /** Streams that are read, one after another or all at once. */
  readonly streams: number;
}

const TYPES: Readonly<Record<Vendor, ModelReference['type']>> = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
};

function modelOf({ vendor, url }: ReadSettings): LanguageModel {
  const baseUrl = vendor === 'openai-responses' ? `${url}/v1/responses` : vendor === 'openai-chat' ? `${url}/v1` : url;
  const model = vendor === 'gemini' ? 'gemini-3.7-flash' : 'm';
  return createLanguageModel({ provider: 'bench', type: TYPES[vendor], model, backend: 'langchain', baseUrl, nativeTools: {} }, {}); // prettier-ignore
}

async function readWith(model: LanguageModel): Promise<number> {
  let pieces = 0;
  const request = { executionId: 'e', messages: [{ role: 'user' as const, content: 'go' }], tools: [], interactionType: 'iteration' as const }; // prettier-ignore
  for await (const event of model.stream(request, new AbortController().signal))
    if (event.type === 'text-delta') pieces++;
  return pieces;
}

async function readBare(url: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: '{}' });
  for await (const _bytes of response.body ?? []);
}

async function timed(read: () => Promise<unknown>, times: number): Promise<number> {
  const startMs = performance.now();
  for (let time = 0; time < times; time++) await read();
  return (performance.now() - startMs) / times;
}

answerCalls({
  /** Milliseconds for one stream, by the adapter and as mere bytes. */
  time: async (settings: ReadSettings): Promise<{ adapterMs: number; bareMs: number }> => {
    const model = modelOf(settings);
    return {
      adapterMs: await timed(() => readWith(model), settings.streams),
      bareMs: await timed(() => readBare(settings.url), settings.streams),
    };
  },
  /** Highest resident memory beyond what the process had before, in bytes, while all are read at once; and the pieces that came. */
  hold: async (settings: ReadSettings): Promise<{ bytes: number; pieces: number }> => {
    const model = modelOf(settings);
    const before = process.memoryUsage().rss;
    let most = before;
    const look = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 100);
    const pieces = await Promise.all(Array.from({ length: settings.streams }, () => readWith(model)));
    clearInterval(look);
    return { bytes: most - before, pieces: pieces.reduce((sum, count) => sum + count, 0) };
  },
});
