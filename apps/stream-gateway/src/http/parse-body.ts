import { BadRequestException } from '@nestjs/common';
import type { z } from 'zod';

/** @throws {BadRequestException} naming the first field that is wrong */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const request = schema.safeParse(body);
  if (request.success) return request.data;
  const [issue] = request.error.issues;
  throw new BadRequestException(`${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}
