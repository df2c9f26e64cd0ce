import type { Span, Style } from './styled-text.ts';

const STYLES: ReadonlyMap<string, Style> = new Map([
  ['serving', 'good'],
  ['up', 'good'],
  ['answering', 'good'],
  ['draining', 'warning'],
  ['stuck', 'bad'],
  ['lost', 'bad'],
  ['failed', 'bad'],
  ['idle', 'faint'],
]);

/** A word for the state of a process, a thread, a peer or a connection, in the colour of how well that is. */
export function stateSpan(state: string): Span {
  return { text: state, style: STYLES.get(state) ?? 'plain' };
}
