import { messageOf } from '@tarsy/core';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node, type Pair, type YAMLMap } from 'yaml'; // prettier-ignore
import { fill } from './interpolate.js';

/** From the root: keys of mappings, indexes of lists. */
export type Path = readonly (string | number)[];

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A file that can not be read as a YAML mapping. */
export class YamlFileError extends Error {
  constructor(
    message: string,
    readonly position?: Position,
  ) {
    super(message);
  }
}

/** One file of the configuration, interpolated and parsed, with the place of everything in it. */
export class YamlFile {
  private constructor(
    readonly name: string,
    private readonly document: Document,
    private readonly positionAt: (offset: number) => Position,
  ) {}

  /** @throws {YamlFileError} missing, not readable, no YAML, or no mapping */
  static read(
    directory: string,
    name: string,
    environment: Readonly<Record<string, string | undefined>>,
    keepUnset: boolean,
  ): YamlFile {
    const path = join(directory, name);
    if (!existsSync(path)) throw new YamlFileError(`configuration file not found in ${directory}`);
    let original: string;
    try {
      original = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
    } catch (error) {
      throw new YamlFileError(`can not be read: ${messageOf(error)}`);
    }
    const lines = new LineCounter();
    for (let at = 0; at !== -1; at = original.indexOf('\n', at) + 1 || -1) lines.addNewLine(at);
    const filled = fill(original, environment, keepUnset);
    const positionAt = (offset: number): Position => {
      const { line, col } = lines.linePos(filled.originalOffset(offset));
      return { line, column: col };
    };
    const [document] = parseAllDocuments(filled.text, { merge: true, prettyErrors: false });
    const file = new YamlFile(name, document as Document, positionAt);
    const [error] = document?.errors ?? [];
    if (error) throw new YamlFileError(`invalid YAML syntax: ${error.message}`, positionAt(error.pos[0]));
    if (file.root && !isMap(file.root))
      throw new YamlFileError('invalid YAML syntax: the top level must be a mapping', file.positionOf(file.root));
    return file;
  }

  /** Undefined where the file is empty. */
  get root(): Node | undefined {
    const contents = this.document?.contents ?? undefined;
    return contents && !(isScalar(contents) && contents.value === null) ? contents : undefined;
  }

  /** What an alias stands for, or the node itself. */
  resolved(node: Node | null | undefined): Node | undefined {
    return (isAlias(node) ? node.resolve(this.document) : node) ?? undefined;
  }

  /** Keys and values of a mapping, those merged by `<<` included; the mapping's own ones win. */
  entriesOf(map: YAMLMap): Map<string, Pair<Node, Node | null>> {
    const entries = new Map<string, Pair<Node, Node | null>>();
    const merged: Node[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      if (isMergeKey(pair.key)) merged.push(...this.#sourcesOf(pair.value));
      else entries.set(keyOf(pair.key), pair);
    }
    for (const source of merged)
      if (isMap(source))
        for (const [key, pair] of this.entriesOf(source)) if (!entries.has(key)) entries.set(key, pair);
    return entries;
  }

  positionOf(node: Node | null | undefined): Position | undefined {
    return node?.range ? this.positionAt(node.range[0]) : undefined;
  }

  /** Where a value stands, or the nearest thing around it that the file has. */
  locate(path: Path): Position | undefined {
    return this.#find(path).position;
  }

  /** Where a value stands; undefined where the file does not have it. */
  locateExactly(path: Path): Position | undefined {
    const { depth, position } = this.#find(path);
    return depth === path.length ? position : undefined;
  }

  /** Where a key of a mapping stands. */
  locateKey(path: Path): Position | undefined {
    return this.#find(path).keyPosition;
  }

  #find(path: Path): { depth: number; position: Position | undefined; keyPosition: Position | undefined } {
    let node = this.root;
    let position: Position | undefined;
    let keyPosition: Position | undefined;
    for (const [depth, step] of path.entries()) {
      const parent = this.resolved(node);
      const pair = isMap(parent) ? this.entriesOf(parent).get(String(step)) : undefined;
      const next = pair ? pair.value : isSeq(parent) ? (parent.items[Number(step)] as Node | undefined) : undefined;
      if (!pair && next === undefined) return { depth, position, keyPosition };
      keyPosition = pair ? this.positionOf(pair.key) : this.positionOf(next);
      position = this.positionOf(next) ?? keyPosition;
      // A mapping or list begins at its key for a reader.
      if (isMap(next) || isSeq(next)) position = next.flow ? position : keyPosition;
      node = next ?? undefined;
    }
    return { depth: path.length, position, keyPosition };
  }

  #sourcesOf(value: Node | null): Node[] {
    const node = this.resolved(value);
    if (!isSeq(node)) return node ? [node] : [];
    return node.items.flatMap((item) => this.resolved(item as Node) ?? []);
  }
}

function isMergeKey(key: Node): boolean {
  return isScalar(key) && (key.value === '<<' || typeof key.value === 'symbol') && key.type === 'PLAIN';
}

function keyOf(key: Node): string {
  return isScalar(key) ? String(key.value) : String(key);
}
