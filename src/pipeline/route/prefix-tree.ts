/**
 * Paths by what they begin with, as a tree of the places where the prefixes part (a radix tree): a
 * look-up visits at most one node for each byte of the path, however many prefixes there are, and
 * allocates nothing.
 */

/** A point in the tree: the text that leads to it from the node above, and what ends there. */
export class PrefixNode<T> {
  label: string;
  /** What answers for exactly the path that ends here. */
  exact: T | null = null;
  /** What answers for every path that begins so. */
  prefix: T | null = null;
  /** By the first character of the label, no two of which begin alike. */
  next: Map<number, PrefixNode<T>> | null = null;

  constructor(label: string) {
    this.label = label;
  }
}

/** See the head of this file. */
export class PrefixTree<T> {
  readonly root = new PrefixNode<T>('');

  /** The node where `path` ends, made if it is not there. */
  at(path: string): PrefixNode<T> {
    let node = this.root;
    let from = 0;
    while (from < path.length) {
      node.next ??= new Map();
      const first = path.charCodeAt(from);
      const child = node.next.get(first);
      if (child === undefined) {
        const leaf = new PrefixNode<T>(path.slice(from));
        node.next.set(first, leaf);
        return leaf;
      }
      const { label } = child;
      let common = 1;
      while (common < label.length && label.charCodeAt(common) === path.charCodeAt(from + common)) {
        common++;
      }
      from += common;
      node = common === label.length ? child : split(node.next, child, common);
    }
    return node;
  }

  /** The node below `node` on the way to `path`, of which `from` bytes lie behind, or null. */
  static step<T>(node: PrefixNode<T>, path: string, from: number): PrefixNode<T> | null {
    const child = node.next?.get(path.charCodeAt(from));
    return child !== undefined && path.startsWith(child.label, from) ? child : null;
  }

  /** What answers for `path`: the exact path, else the longest prefix, else null. */
  find(path: string): T | null {
    let node = this.root;
    let best = node.prefix;
    let from = 0;
    while (from < path.length) {
      const child = PrefixTree.step(node, path, from);
      if (child === null) return best;
      from += child.label.length;
      if (child.prefix !== null) best = child.prefix;
      node = child;
    }
    return node.exact ?? best;
  }

  /** The labels that a look-up of `path` passes; what it costs. */
  way(path: string): readonly string[] {
    const labels: string[] = [];
    let node = this.root;
    let from = 0;
    for (;;) {
      const child = from < path.length ? PrefixTree.step(node, path, from) : null;
      if (child === null) return labels;
      labels.push(child.label);
      from += child.label.length;
      node = child;
    }
  }
}

function split<T>(
  siblings: Map<number, PrefixNode<T>>,
  child: PrefixNode<T>,
  at: number,
): PrefixNode<T> {
  const upper = new PrefixNode<T>(child.label.slice(0, at));
  child.label = child.label.slice(at);
  upper.next = new Map([[child.label.charCodeAt(0), child]]);
  siblings.set(upper.label.charCodeAt(0), upper);
  return upper;
}
