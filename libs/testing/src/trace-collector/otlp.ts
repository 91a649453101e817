import { protobufFields } from './protobuf.js';

export type SpanValue = string | number | boolean | readonly SpanValue[];

/** One span as a collector receives it, with what its process said of itself. */
export interface CollectedSpan {
  /** Lower-case hex. */
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: Readonly<Record<string, SpanValue>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
  readonly statusMessage: string;
  readonly resource: Readonly<Record<string, SpanValue>>;
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUS_ERROR = 2n;

/** The spans of an `ExportTraceServiceRequest`: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
export function spansOfRequest(body: Uint8Array): CollectedSpan[] {
  return all(body, 1).flatMap((resourceSpans) => {
    const resource = Object.assign({}, ...all(resourceSpans, 1).map((message) => attributesOf(message, 1)));
    return all(resourceSpans, 2).flatMap((scopeSpans) => all(scopeSpans, 2).map((span) => spanOf(span, resource)));
  });
}

function spanOf(span: Uint8Array, resource: CollectedSpan['resource']): CollectedSpan {
  const status = all(span, 15).at(-1) ?? new Uint8Array();
  return {
    traceId: hex(bytes(span, 1)),
    spanId: hex(bytes(span, 2)),
    parentSpanId: hex(bytes(span, 4)),
    name: text(bytes(span, 5)),
    kind: KINDS[Number(varint(span, 6) ?? 0n)] ?? 'unspecified',
    startedAtMs: nanoseconds(bytes(span, 7)),
    endedAtMs: nanoseconds(bytes(span, 8)),
    attributes: attributesOf(span, 9),
    links: all(span, 13).map((link) => ({ traceId: hex(bytes(link, 1)), spanId: hex(bytes(link, 2)) })),
    isError: varint(status, 3) === STATUS_ERROR,
    statusMessage: text(bytes(status, 2)),
    resource,
  };
}

function attributesOf(message: Uint8Array, field: number): Record<string, SpanValue> {
  return Object.fromEntries(all(message, field).map((pair) => [text(bytes(pair, 1)), valueOf(bytes(pair, 2))]));
}

function valueOf(message: Uint8Array): SpanValue {
  for (const { number, value } of protobufFields(message)) {
    if (typeof value === 'bigint') return number === 2 ? value === 1n : Number(BigInt.asIntN(64, value));
    if (number === 4) return new DataView(value.buffer, value.byteOffset).getFloat64(0, true);
    if (number === 5) return all(value, 1).map(valueOf);
    return text(value);
  }
  return '';
}

function all(message: Uint8Array, field: number): Uint8Array[] {
  return [...protobufFields(message)].flatMap(({ number, value }) =>
    number === field && typeof value !== 'bigint' ? [value] : [],
  );
}

function bytes(message: Uint8Array, field: number): Uint8Array {
  return all(message, field).at(-1) ?? new Uint8Array();
}

function varint(message: Uint8Array, field: number): bigint | undefined {
  const found = [...protobufFields(message)].findLast(({ number }) => number === field);
  return typeof found?.value === 'bigint' ? found.value : undefined;
}

function nanoseconds(value: Uint8Array): number {
  if (value.length !== 8) return 0;
  return Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true)) / 1e6;
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}
