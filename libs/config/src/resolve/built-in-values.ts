import type { Backend } from '../schema/primitives.js';

export const DEFAULT_BACKEND: Backend = 'langchain';
export const DEFAULT_MAX_ITERATIONS = 20;
