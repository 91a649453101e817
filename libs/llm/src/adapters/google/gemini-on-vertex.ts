import type { LanguageModelFactory } from '../../language-model-factory.js';
import { authOptionsOf, vertexPlace } from '../vertex/vertex-place.js';
import { GoogleLanguageModel, withoutVersion } from './google-language-model.js';

/** Gemini on Vertex AI. */
export const createGeminiOnVertex: LanguageModelFactory = (reference, environment) => {
  const place = vertexPlace(reference, environment);
  return new GoogleLanguageModel(reference, {
    vertexai: true,
    project: place.project,
    location: place.location,
    apiVersion: 'v1',
    googleAuthOptions: authOptionsOf(place),
    httpOptions: reference.baseUrl === undefined ? {} : { baseUrl: withoutVersion(reference.baseUrl) },
  });
};
