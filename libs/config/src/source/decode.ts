import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { z } from 'zod';
import { nearestOf } from './nearest.js';
import type { Path, YamlFile } from './yaml-file.js';

export interface DecodeListener {
  /** The value can not be used and is left out. */
  error(path: Path, message: string): void;
  /** A key that the schema does not know. */
  unknownKey(path: Path, nearest: string | undefined): void;
}

/** Left out: the schema's default applies. */
const NOTHING = Symbol('nothing');

/**
 * A parsed file as plain values of the types that a schema wants: what Go's decoder would make of it. A key without a value is
 * absent, a number where a text is wanted is that text, `yes` is a boolean where one is wanted. Keys that the schema does not know
 * are told and dropped, values of a wrong type as well.
 */
export function decode(file: YamlFile, schema: z.ZodType, listener: DecodeListener): Record<string, unknown> {
  const value = file.root ? new Decoder(file, listener).value(file.root, schema, []) : {};
  return value === NOTHING ? {} : (value as Record<string, unknown>);
}

class Decoder {
  constructor(
    private readonly file: YamlFile,
    private readonly listener: DecodeListener,
  ) {}

  value(given: Node | null | undefined, wanted: z.ZodType, path: Path): unknown {
    const node = this.file.resolved(given);
    const schema = unwrapped(wanted);
    if (schema instanceof z.ZodUnion) return this.#oneOf(node, schema, path);
    if (schema instanceof z.ZodObject) return this.#mapping(node, schema, path);
    if (schema instanceof z.ZodRecord) return this.#record(node, schema, path);
    if (schema instanceof z.ZodArray) return this.#list(node, schema, path);
    if (schema instanceof z.ZodUnknown) return isNull(node) ? NOTHING : node!.toJSON();
    return this.#scalar(node, schema, path);
  }

  #mapping(node: Node | undefined, schema: z.ZodObject, path: Path): unknown {
    if (isNull(node)) return {};
    if (!isMap(node)) return this.#wrong(path, 'must be a mapping');
    const shape = schema.shape as Record<string, z.ZodType>;
    const isStrict = schema.def.catchall instanceof z.ZodNever;
    const result: Record<string, unknown> = {};
    for (const [key, { value }] of this.file.entriesOf(node)) {
      const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
      const below = [...path, key];
      if (!known) {
        const nearest = nearestOf(key, Object.keys(shape));
        if (isStrict) this.listener.error(below, nearest ? `unknown key; did you mean "${nearest}"?` : 'unknown key');
        else this.listener.unknownKey(below, nearest);
      } else if (!isNull(this.file.resolved(value))) {
        const item = this.value(value, known, below);
        if (item !== NOTHING) result[key] = item;
      }
    }
    return result;
  }

  #record(node: Node | undefined, schema: z.ZodRecord, path: Path): unknown {
    if (isNull(node)) return {};
    if (!isMap(node)) return this.#wrong(path, 'must be a mapping');
    const items = [...this.file.entriesOf(node)].map(
      ([key, { value }]) => [key, this.value(value, schema.valueType as z.ZodType, [...path, key])] as const,
    );
    return Object.fromEntries(items.filter(([, item]) => item !== NOTHING));
  }

  #list(node: Node | undefined, schema: z.ZodArray, path: Path): unknown {
    if (!isSeq(node)) return this.#wrong(path, 'must be a list');
    return node.items.map((given, index) => {
      const item = this.value(given as Node, schema.element as z.ZodType, [...path, index]);
      // What is wrong is told already; an empty one in its place keeps the others' indexes.
      return item === NOTHING ? emptyOf(schema.element as z.ZodType) : item;
    });
  }

  /** A text, or else a mapping. */
  #oneOf(node: Node | undefined, schema: z.ZodUnion, path: Path): unknown {
    const options = (schema.options as z.ZodType[]).map(unwrapped);
    const mapping = options.find((option) => option instanceof z.ZodObject);
    if (isMap(node) && mapping) return this.#mapping(node, mapping, path);
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    return this.#wrong(path, 'must be an agent name or a mapping');
  }

  #scalar(node: Node | undefined, schema: z.ZodType, path: Path): unknown {
    if (isNull(node)) return schema instanceof z.ZodString ? '' : NOTHING;
    if (schema instanceof z.ZodBoolean) {
      const flag = isScalar(node) ? booleanOf(node.value) : undefined;
      return flag ?? this.#wrong(path, 'must be true or false');
    }
    if (schema instanceof z.ZodNumber)
      return isScalar(node) && typeof node.value === 'number' ? node.value : this.#wrong(path, 'must be a number');
    if (!isScalar(node)) return this.#wrong(path, 'must be a text');
    const text = textOf(node);
    // An empty choice is none, unless it is one of the choices.
    return text === '' && schema instanceof z.ZodEnum && !schema.options.includes('') ? NOTHING : text;
  }

  #wrong(path: Path, message: string): typeof NOTHING {
    this.listener.error(path, message);
    return NOTHING;
  }
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema;
}

function emptyOf(schema: z.ZodType): unknown {
  return unwrapped(schema) instanceof z.ZodObject ? {} : '';
}

function isNull(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null);
}

/** As it is written, not as a number prints. */
function textOf(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (/^(y|yes|on)$/i.test(value)) return true;
  return /^(n|no|off)$/i.test(value) ? false : undefined;
}
