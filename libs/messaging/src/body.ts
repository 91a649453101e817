import { messageOf } from '@tarsy/core';
import type { z } from 'zod';
import { InvalidMessageError } from './messaging.errors.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeBody(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** @throws {InvalidMessageError} the value does not fit; the text names the fields, never their content */
export function checkBody<Schema extends z.ZodType>(name: string, schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 5).map(({ path, code }) => `${path.join('.') || '(whole)'}: ${code}`);
  throw new InvalidMessageError(`${name} does not fit its schema (${problems.join('; ')})`);
}

/** @throws {InvalidMessageError} not UTF-8, not JSON, or not what the schema says */
export function parseBody<Schema extends z.ZodType>(name: string, schema: Schema, data: Uint8Array): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(data));
  } catch (error) {
    throw new InvalidMessageError(`${name} is not JSON in UTF-8: ${messageOf(error).replace(/[:"'].*$/s, '')}`);
  }
  return checkBody(name, schema, value);
}
