import type { ModelReference } from '@tarsy/contracts';
import type { DialectName, ModelServer } from '@tarsy/testing';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLanguageModel } from '../create-language-model.js';
import type { LanguageModel } from '../language-model.js';

/** One way to reach models, as a column of the table. */
export interface Subject {
  readonly name: string;
  readonly dialect: DialectName;
  modelAt(server: Pick<ModelServer, 'url' | 'origin'>): LanguageModel;
  /** The vendor's words for the reasons why an answer ends. */
  readonly words: { readonly length: string; readonly filtered: string; readonly refusal: string };
}

const KEY = { CONFORMANCE_KEY: 'key-of-conformance' };
const reference = (changes: Partial<ModelReference> & Pick<ModelReference, 'type' | 'model'>): ModelReference => ({
  provider: 'subject',
  backend: 'google-native',
  apiKeyEnv: 'CONFORMANCE_KEY',
  nativeTools: {},
  ...changes,
});

/** Google's credentials for a test: a token from the server itself, in exchange for one in a file. */
function vertexEnvironment(origin: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'tarsy-vertex-'));
  writeFileSync(join(folder, 'subject-token'), 'subject-token');
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${origin}/token`,
    credential_source: { file: join(folder, 'subject-token') },
  };
  writeFileSync(join(folder, 'credentials.json'), JSON.stringify(credentials));
  return { VERTEX_CREDENTIALS: join(folder, 'credentials.json'), VERTEX_PROJECT: 'project-1', VERTEX_LOCATION: 'europe-west4' }; // prettier-ignore
}

function vertexModel(model: string, origin: string, version: string): LanguageModel {
  const { apiKeyEnv: _none, ...keyless } = reference({ type: 'vertexai', model, baseUrl: `${origin}${version}` });
  const names = { credentialsEnv: 'VERTEX_CREDENTIALS', projectEnv: 'VERTEX_PROJECT', locationEnv: 'VERTEX_LOCATION' };
  return createLanguageModel({ ...keyless, ...names }, vertexEnvironment(origin));
}

const OPENAI_WORDS = { length: 'length', filtered: 'content_filter', refusal: 'I can not help with that.' };
const RESPONSES_WORDS = { length: 'max_output_tokens', filtered: 'content_filter', refusal: 'I can not help with that.' }; // prettier-ignore
const ANTHROPIC_WORDS = { length: 'max_tokens', filtered: 'refusal', refusal: 'policy of the vendor' };
const GEMINI_WORDS = { length: 'MAX_TOKENS', filtered: 'SAFETY', refusal: 'PROHIBITED_CONTENT' };

export const SUBJECTS: readonly Subject[] = [
  {
    name: 'OpenAI chat completions',
    dialect: 'openai-chat',
    words: OPENAI_WORDS,
    modelAt: ({ url }) => createLanguageModel(reference({ type: 'openai', model: 'gpt-5.2', baseUrl: url }), KEY),
  },
  {
    name: 'OpenAI responses',
    dialect: 'openai-responses',
    words: RESPONSES_WORDS,
    modelAt: ({ url }) => createLanguageModel(reference({ type: 'openai', model: 'gpt-5.2', baseUrl: `${url}/responses` }), KEY), // prettier-ignore
  },
  {
    name: 'Anthropic',
    dialect: 'anthropic-messages',
    words: ANTHROPIC_WORDS,
    modelAt: ({ origin }) => createLanguageModel(reference({ type: 'anthropic', model: 'claude-sonnet-5', baseUrl: origin }), KEY), // prettier-ignore
  },
  {
    name: 'Anthropic on Vertex AI',
    dialect: 'anthropic-messages',
    words: ANTHROPIC_WORDS,
    modelAt: ({ origin }) => vertexModel('claude-sonnet-5', origin, '/v1'),
  },
  {
    name: 'Gemini',
    dialect: 'gemini',
    words: GEMINI_WORDS,
    modelAt: ({ origin }) => createLanguageModel(reference({ type: 'google', model: 'gemini-3.7-flash', baseUrl: origin }), KEY), // prettier-ignore
  },
  {
    name: 'Gemini on Vertex AI',
    dialect: 'gemini',
    words: GEMINI_WORDS,
    modelAt: ({ origin }) => vertexModel('gemini-3.7-flash', origin, ''),
  },
];
