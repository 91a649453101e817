import { readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentSecurityPolicyOf } from './content-security-policy.js';

const FOR_EVER = 'public, max-age=31536000, immutable';
/** Files whose name changes with their content. */
const IMMUTABLE = ['assets/', '_app/immutable/'];
const START_PAGE = 'index.html';

/**
 * Serves the built dashboard on every path that is no API: a file where there is one, else the start page.
 *
 * @param directory Absent where no dashboard was built; then there is only the API.
 */
export async function serveDashboard(app: NestFastifyApplication, directory: string | undefined): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  if (directory) await fastify.register(fastifyStatic, { root: directory, serve: false, cacheControl: false });
  fastify.get('/*', async (request: FastifyRequest<{ Params: { '*': string } }>, reply) => {
    const path = normalize(request.params['*']);
    if (!directory || path === 'api' || path.startsWith('api/')) return notFound(reply);
    return sendFile(reply, directory, path);
  });
}

async function sendFile(reply: FastifyReply, directory: string, path: string): Promise<FastifyReply> {
  const isImmutable = IMMUTABLE.some((prefix) => path.startsWith(prefix));
  void reply.header('x-content-type-options', 'nosniff');
  if (path !== START_PAGE && (await isFile(directory, path)))
    return reply.header('cache-control', isImmutable ? FOR_EVER : 'no-cache').sendFile(path);
  // A page of an older build asks for a file that is gone: the start page in its place would run as a script.
  if (isImmutable) return notFound(reply);
  return reply
    .headers({
      'cache-control': 'no-cache',
      'content-security-policy': contentSecurityPolicyOf(
        await readFile(join(directory, START_PAGE), 'utf8').catch(() => ''),
      ),
      'referrer-policy': 'same-origin',
    })
    .sendFile(START_PAGE);
}

const notFound = (reply: FastifyReply): FastifyReply => reply.code(404).send({ message: 'resource not found' });

async function isFile(directory: string, path: string): Promise<boolean> {
  if (path.startsWith('..') || path.includes('\0')) return false;
  const found = await stat(join(directory, path)).catch(() => undefined);
  return found?.isFile() ?? false;
}
