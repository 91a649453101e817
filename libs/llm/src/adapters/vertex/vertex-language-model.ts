import type { LanguageModelFactory } from '../../language-model-factory.js';
import { createClaudeOnVertex } from '../anthropic/claude-on-vertex.js';
import { createGeminiOnVertex } from '../google/gemini-on-vertex.js';

/** Vertex AI serves the models of several vendors, each by its vendor's API. */
export const createVertexLanguageModel: LanguageModelFactory = (reference, environment) =>
  reference.model.startsWith('claude')
    ? createClaudeOnVertex(reference, environment)
    : createGeminiOnVertex(reference, environment);
