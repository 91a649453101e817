import type { Candidate, Part } from '@google/genai';
import type { NativeToolUse } from '@tarsy/contracts';

/** What the vendor's own tools did, put together while the answer streams. */
export class NativeToolUses {
  readonly #code: (NativeToolUse & { tool: 'code_execution' })[] = [];
  #grounding: Candidate['groundingMetadata'];
  #urls: Candidate['urlContextMetadata'];

  add(candidate: Candidate): void {
    for (const part of candidate.content?.parts ?? []) this.#addPart(part);
    this.#grounding = candidate.groundingMetadata ?? this.#grounding;
    this.#urls = candidate.urlContextMetadata ?? this.#urls;
  }

  finish(): NativeToolUse[] {
    return [...this.#code, ...this.#searches(), ...this.#pages()];
  }

  #addPart({ executableCode, codeExecutionResult }: Part): void {
    if (executableCode !== undefined) {
      const { code = '', language = 'PYTHON' } = executableCode;
      this.#code.push({ tool: 'code_execution', language: language.toLowerCase(), code, output: '' });
    }
    const last = this.#code.at(-1);
    if (codeExecutionResult === undefined || last === undefined) return;
    const { outcome, output = '' } = codeExecutionResult;
    this.#code[this.#code.length - 1] = { ...last, output, ...(outcome === undefined ? {} : { outcome }) };
  }

  #searches(): NativeToolUse[] {
    const queries = this.#grounding?.webSearchQueries ?? [];
    const sources = (this.#grounding?.groundingChunks ?? []).flatMap(({ web }) =>
      web?.uri === undefined ? [] : [{ uri: web.uri, title: web.title ?? web.uri }],
    );
    return queries.length + sources.length === 0 ? [] : [{ tool: 'google_search', queries, sources }];
  }

  #pages(): NativeToolUse[] {
    const sources = (this.#urls?.urlMetadata ?? []).flatMap(({ retrievedUrl: uri, urlRetrievalStatus: status }) =>
      uri === undefined ? [] : [{ uri, title: uri, ...(status === undefined ? {} : { status }) }],
    );
    return sources.length === 0 ? [] : [{ tool: 'url_context', sources }];
  }
}
