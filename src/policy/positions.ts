import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type LineCounter, type Pair } from 'yaml';

/** A place in a text, both from 1 on. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something of a document, and where it stands. */
interface Found {
  readonly node: unknown;
  /** What stands before it, such as its key. */
  readonly at: unknown;
}

/** Finds where the values of a document stand. */
export class Positions {
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  /** Where the value at a path stands, or what is nearest above it; undefined in an empty document. */
  at(path: readonly PropertyKey[]): Position | undefined {
    return this.of(this.#find(path).at);
  }

  /** The node at a path itself. */
  nodeAt(path: readonly PropertyKey[]): unknown {
    const { node, isWhole } = this.#find(path);
    return isWhole ? this.#resolved(node) : undefined;
  }

  /** As far as there is something. A name with dots is several parts of a path. */
  #find(path: readonly PropertyKey[]): Found & { readonly isWhole: boolean } {
    let found: Found = { node: this.#document.contents, at: this.#document.contents };
    for (let from = 0; from < path.length; ) {
      let to = from + 1;
      let next = this.#step(this.#resolved(found.node), path[from] as PropertyKey);
      while (next === undefined && to < path.length) {
        to++;
        next = this.#step(this.#resolved(found.node), path.slice(from, to).join('.'));
      }
      if (next === undefined) return { ...found, isWhole: false };
      found = next;
      from = to;
    }
    return { ...found, isWhole: true };
  }

  /** Where a node stands. */
  of(node: unknown): Position | undefined {
    const start = isNode(node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.ofOffset(start);
  }

  /** Where a character stands. */
  ofOffset(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #step(node: unknown, part: PropertyKey): Found | undefined {
    if (isSeq(node) && typeof part === 'number') {
      const item = node.items[part];
      return item === undefined ? undefined : { node: item, at: item };
    }
    if (!isMap(node)) return undefined;
    const pairs = node.items.filter((pair) => isPair(pair));
    const own = pairs.findLast((pair) => keyOf(pair) === String(part));
    if (own !== undefined) return { node: own.value, at: own.key };
    for (const pair of pairs.filter((other) => isMergeKey(other))) {
      const merged = this.#resolved(pair.value);
      for (const source of isSeq(merged) ? merged.items : [merged]) {
        const found = this.#step(this.#resolved(source), part);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

/** Whether it takes the options of an anchor: `<<: *base`. The YAML library has a symbol for that key. */
export function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && (key.value === '<<' || typeof key.value === 'symbol');
}

function keyOf({ key }: Pair): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}
