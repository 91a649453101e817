import { applyDecorators } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiBody, ApiQuery, ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  activeSessionsSchema,
  alertTypesSchema,
  cancelAnswerSchema,
  chatAnswerSchema,
  chatRequestSchema,
  deadLettersViewSchema,
  defaultToolsSchema,
  errorAnswerSchema,
  executionTraceSchema,
  executionViewSchema,
  filterOptionsSchema,
  guidanceAnswerSchema,
  guidanceRequestSchema,
  liveEventSchema,
  llmInteractionDetailSchema,
  mcpInteractionDetailSchema,
  mcpServersViewSchema,
  queuesViewSchema,
  resumeAnswerSchema,
  servicesViewSchema,
  sessionDetailSchema,
  sessionListSchema,
  sessionStatusViewSchema,
  sessionSummarySchema,
  sessionTraceSchema,
  skillViewSchema,
  socketRequestSchema,
  systemConfigurationSchema,
  systemWarningsSchema,
  timelineEventViewSchema,
  usageSummarySchema,
} from '@tarsy/contracts';
import { z } from 'zod';

/** Everything that the API answers with, by its name in the document. */
const SCHEMAS = {
  ActiveSessions: activeSessionsSchema,
  AlertTypes: alertTypesSchema,
  CancelAnswer: cancelAnswerSchema,
  ChatAnswer: chatAnswerSchema,
  ChatRequest: chatRequestSchema,
  DeadLetters: deadLettersViewSchema,
  DefaultTools: defaultToolsSchema,
  Error: errorAnswerSchema,
  Execution: executionViewSchema,
  ExecutionTrace: executionTraceSchema,
  FilterOptions: filterOptionsSchema,
  GuidanceAnswer: guidanceAnswerSchema,
  GuidanceRequest: guidanceRequestSchema,
  LiveEvent: liveEventSchema,
  LlmInteraction: llmInteractionDetailSchema,
  McpInteraction: mcpInteractionDetailSchema,
  McpServers: mcpServersViewSchema,
  Queues: queuesViewSchema,
  ResumeAnswer: resumeAnswerSchema,
  Services: servicesViewSchema,
  Session: sessionDetailSchema,
  SessionList: sessionListSchema,
  SessionStatus: sessionStatusViewSchema,
  SessionSummary: sessionSummarySchema,
  SessionTrace: sessionTraceSchema,
  Skill: skillViewSchema,
  SocketRequest: socketRequestSchema,
  SystemConfiguration: systemConfigurationSchema,
  SystemWarnings: systemWarningsSchema,
  TimelineEvent: timelineEventViewSchema,
  UsageSummary: usageSummarySchema,
} as const satisfies Record<string, z.ZodType>;
type SchemaName = keyof typeof SCHEMAS;

const reference = (name: SchemaName): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/** Says what a route takes as its body. */
export function Accepts(name: SchemaName): MethodDecorator {
  return applyDecorators(ApiBody({ schema: reference(name) }));
}

/** Says what a route answers, with 200 unless it says otherwise, and which errors it may answer instead. */
export function Answers(
  name: SchemaName,
  options: { isArray?: boolean; status?: 200 | 202; errors?: readonly number[] } = {},
): MethodDecorator {
  const schema = options.isArray ? { type: 'array' as const, items: reference(name) } : reference(name);
  return applyDecorators(
    ApiResponse({ status: options.status ?? 200, description: name, schema }),
    AnswersErrors(options.errors),
  );
}

/** Says that a route answers 204, and which errors it may answer instead. */
export function AnswersNothing(errors: readonly number[]): MethodDecorator {
  return applyDecorators(ApiResponse({ status: 204, description: 'Done' }), AnswersErrors(errors));
}

/** Says which errors a route may answer, each with a `message`. */
export function AnswersErrors(statuses: readonly number[] = []): MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) => ApiResponse({ status, description: 'Error', schema: reference('Error') })),
  );
}

/** Says which query parameters a route reads; all are optional text. */
export function Parameters(...names: readonly string[]): MethodDecorator {
  return applyDecorators(...names.map((name) => ApiQuery({ name, required: false, type: String })));
}

/** Puts the document at `/api/docs`, and as JSON at `/api/docs/json`. */
export function serveOpenApi(app: NestFastifyApplication, version: string): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'api/docs/json',
    customSiteTitle: 'TARSy API',
  });
}

function openApiDocument(app: NestFastifyApplication, version: string): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setTitle('TARSy')
    .setDescription('Alerts in, investigations out. Times are RFC 3339 in UTC, ids are UUIDs.')
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .build();
  const document = SwaggerModule.createDocument(app, settings);
  return { ...document, components: { ...document.components, schemas: componentSchemas() } };
}

type ComponentSchemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** OpenAPI 3.1 is JSON Schema 2020-12, so what zod checks is what the document says. */
function componentSchemas(): ComponentSchemas {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SCHEMAS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'output',
    override: ({ jsonSchema }) => simplify(jsonSchema),
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  ) as ComponentSchemas;
}

/** Leaves out what says nothing to a reader: patterns of named formats, limits of the number type, closed objects. */
function simplify(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format) delete schema.pattern;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.additionalProperties === false) delete schema.additionalProperties;
}
