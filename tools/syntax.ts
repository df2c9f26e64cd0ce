// Small readings of the syntax tree that several checks and generators share.
import type { Directive, Expression, ObjectExpression, Statement } from 'oxc-parser';
import type { Source } from './source-tree.ts';

/** A statement at the top of a file, as a declaration: what `export` stands before is taken out of it. */
export function declarationOf(statement: Directive | Statement): Directive | Statement {
  if (statement.type !== 'ExportNamedDeclaration') return statement;
  return statement.declaration ?? statement;
}

/** The text of the `/** … *\/` that ends right before `offset`, without its stars; undefined where there is none. */
export function docBefore(source: Source, offset: number): string | undefined {
  let end = offset;
  for (const comment of source.shape.comments.toReversed()) {
    if (comment.end > end) continue;
    if (source.text.slice(comment.end, end).trim() !== '') return undefined;
    if (comment.type === 'Block' && comment.value.startsWith('*')) {
      return comment.value.replaceAll(/^\s*\* ?/gm, '').trim();
    }
    // a line comment (a lint directive, say) may stand between the docstring and what it describes
    end = comment.start;
  }
  return undefined;
}

/** An expression without the `as`, `satisfies`, `!` and parentheses around it. */
export function bare(expression: Expression): Expression {
  let inner = expression;
  for (;;) {
    if (
      inner.type !== 'TSAsExpression' &&
      inner.type !== 'TSSatisfiesExpression' &&
      inner.type !== 'TSNonNullExpression' &&
      inner.type !== 'ParenthesizedExpression'
    ) {
      return inner;
    }
    inner = inner.expression;
  }
}

/** The value of a string written as a literal, a template without holes, or a sum of those; otherwise undefined. */
export function literalText(expression: Expression): string | undefined {
  const value = bare(expression);
  if (value.type === 'Literal') return typeof value.value === 'string' ? value.value : undefined;
  if (value.type === 'TemplateLiteral') {
    return value.expressions.length === 0
      ? (value.quasis[0]?.value.cooked ?? undefined)
      : undefined;
  }
  if (value.type !== 'BinaryExpression' || value.operator !== '+') return undefined;
  const left = literalText(value.left);
  const right = literalText(value.right);
  return left === undefined || right === undefined ? undefined : left + right;
}

/** One `key: value` pair as it is written in the source; `start` is the character offset of the key. */
export interface LiteralProperty {
  readonly key: string;
  readonly value: Expression;
  readonly start: number;
}

/** The properties of an object literal by key; undefined where a key or entry is not written out (spread, computed). */
export function literalProperties(
  object: ObjectExpression,
): readonly LiteralProperty[] | undefined {
  const found: LiteralProperty[] = [];
  for (const property of object.properties) {
    if (property.type !== 'Property' || property.computed) return undefined;
    const { key } = property;
    if (key.type === 'Identifier') {
      found.push({ key: key.name, value: property.value, start: property.start });
    } else if (key.type === 'Literal' && typeof key.value === 'string') {
      found.push({ key: key.value, value: property.value, start: property.start });
    } else return undefined;
  }
  return found;
}
