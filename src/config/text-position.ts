/** Lines and columns in a text, and where in it each value of an input stands. */
import type { Path, Position } from '../schema/index.ts';

/** Turns offsets into lines and columns; lines end with LF, both count from 1. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      this.#starts.push(at + 1);
  }

  /** The place of the character at an offset. */
  at(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}

/** Where a value begins (for a value in an object: its key), and the same for what is inside it. */
export interface PlacedValue {
  readonly offset: number;
  readonly inside: ReadonlyMap<string | number, PlacedValue>;
}

/** The place of the deepest value on a path that the text has. */
export function placeOf(root: PlacedValue, lines: LineIndex, path: Path): Position {
  let value = root;
  for (const segment of path) {
    const next = value.inside.get(segment);
    if (next === undefined) break;
    value = next;
  }
  return lines.at(value.offset);
}
