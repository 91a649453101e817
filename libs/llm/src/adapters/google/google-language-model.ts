import { GoogleGenAI, type GenerateContentParameters, type GoogleGenAIOptions } from '@google/genai';
import type { ModelReference } from '@tarsy/contracts';
import { LanguageModel, type LanguageModelEvent, type LanguageModelRequest } from '../../language-model.js';
import { CredentialsError } from '../../language-model.errors.js';
import type { LanguageModelFactory } from '../../language-model-factory.js';
import { madeUpIds } from '../made-up-ids.js';
import { ToolNames } from '../tool-names.js';
import { convertMessages } from './convert-messages.js';
import { mapError } from './map-error.js';
import { mapStream } from './map-stream.js';
import { thinkingConfigOf } from './model-family.js';
import { prepareTools } from './prepare-tools.js';

const GEMINI_URL = 'https://generativelanguage.googleapis.com';

/** `streamGenerateContent` of the Gemini API, and of Vertex AI. */
export class GoogleLanguageModel extends LanguageModel {
  override readonly provider: string;
  override readonly model: string;
  readonly #client: GoogleGenAI;
  /** The vendor's own tools that this model may use; none with the backend that knows none. */
  readonly #nativeTools: Readonly<Record<string, boolean>>;
  readonly #isVertex: boolean;

  constructor({ provider, model, backend, nativeTools }: ModelReference, options: GoogleGenAIOptions) {
    super();
    this.provider = provider;
    this.model = model;
    this.#nativeTools = backend === 'google-native' ? nativeTools : {};
    this.#isVertex = options.vertexai === true;
    this.#client = new GoogleGenAI(options);
  }

  override async *stream(request: LanguageModelRequest, signal: AbortSignal): AsyncGenerator<LanguageModelEvent> {
    // The SDK leaves the connection open when nobody reads on.
    const stop = new AbortController();
    let hasStreamed = false;
    let headers: Headers | undefined;
    const keepHeaders: typeof fetch = async (...call) => {
      const response = await fetch(...call);
      if (!response.ok) headers = response.headers;
      return response;
    };
    try {
      const names = new ToolNames(request.tools);
      const parameters = this.#parameters(request, names, AbortSignal.any([signal, stop.signal]), keepHeaders);
      const responses = await this.#client.models.generateContentStream(parameters);
      const toolNameOf = (name: string): string => names.fromVendor(name);
      for await (const event of mapStream(responses, {
        toolNameOf,
        makeId: madeUpIds(request),
        source: this.#source,
      })) {
        hasStreamed = true;
        yield event;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw mapError(error, { provider: this.provider, hasStreamed, nowMs: Date.now(), headers });
    } finally {
      stop.abort();
    }
  }

  get #source(): string {
    return `${this.provider}/${this.model}`;
  }

  #parameters(
    request: LanguageModelRequest,
    names: ToolNames,
    abortSignal: AbortSignal,
    fetch: typeof globalThis.fetch,
  ): GenerateContentParameters {
    const { model } = this;
    const { contents, systemInstruction } = convertMessages(request.messages, { names, model, source: this.#source });
    const thinkingConfig = thinkingConfigOf(model);
    return {
      model,
      contents,
      config: {
        abortSignal,
        httpOptions: { fetch },
        // Both would repeat calls behind the back of whoever limits and counts them.
        automaticFunctionCalling: { disable: true },
        automaticContinuation: false,
        ...(systemInstruction === undefined ? {} : { systemInstruction }),
        ...(thinkingConfig === undefined ? {} : { thinkingConfig }),
        ...prepareTools(
          { model, tools: request.tools, nativeTools: this.#nativeTools, isVertex: this.#isVertex },
          names,
        ),
      },
    };
  }
}

/** People write the address with the version, as other vendors want it; the SDK adds its own. */
export const withoutVersion = (url: string): string => url.replace(/\/v1(beta\d*)?\/?$/, '');

export const createGoogleLanguageModel: LanguageModelFactory = (reference, environment) => {
  const { provider, baseUrl = GEMINI_URL, apiKeyEnv } = reference;
  const apiKey = apiKeyEnv === undefined ? undefined : environment[apiKeyEnv];
  if (!apiKey && (apiKeyEnv !== undefined || baseUrl === GEMINI_URL))
    throw new CredentialsError(`provider ${provider} needs a key: ${apiKeyEnv ?? 'api_key_env'} is not set`);
  return new GoogleLanguageModel(reference, {
    // Said although it is the default: the SDK would look into the environment otherwise.
    vertexai: false,
    apiKey: apiKey || 'none',
    apiVersion: 'v1beta',
    httpOptions: { baseUrl: withoutVersion(baseUrl) },
  });
};
