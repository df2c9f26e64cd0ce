/** Spoils messages the way attackers and broken programs do. */
import type { Random } from '../random.ts';

const INSERTIONS = [
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  '\r\r\n',
  '\0',
  ' ',
  '\t',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x85',
  '\xa0',
  ':',
  ',',
  ';',
  '#',
  '?',
  '/',
  '+',
  '-',
  '0x',
  '_',
  '"',
  '@',
  '[',
  '0',
  '5',
  '1fffffffffffff',
  '20000000000000',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '9'.repeat(30),
  '0'.repeat(17),
  'chunked',
  ', chunked',
  'identity',
  'close',
  'Host: a\r\n',
  'Host: b\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 5\r\n',
  'Content-Length : 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding:\r\n chunked\r\n',
  'Expect: x\r\n',
  ' folded\r\n',
  'HTTP/1.1',
  'HTTP/1.10',
  ' HTTP/1.1\r\n',
  '0\r\n\r\n',
  '\r\n0\r\n\r\n',
];
const RUNS = [30, 150, 600, 4100, 9000];

type Mutation = (random: Random, text: string, other: () => string) => string;

const MUTATIONS: readonly Mutation[] = [
  flip,
  replaceByte,
  remove,
  duplicate,
  insert,
  insert,
  insert,
  splice,
  truncate,
  replaceNumber,
  changeLineEnd,
  swapCase,
  run,
  fit,
];

/** `text` with one to four mutations; `other` gives a message to splice with. */
export function mutate(random: Random, text: string, other: () => string): string {
  let mutated = text;
  for (let count = random.chance(60) ? 1 : 2 + random.below(3); count > 0; count--) {
    mutated = random.pick(MUTATIONS)(random, mutated, other);
  }
  return mutated;
}

/** Bytes without any structure, 1 to 120 of them. */
export function noise(random: Random): string {
  const narrow = random.chance(50);
  let text = '';
  for (let count = 1 + random.below(120); count > 0; count--) {
    text += narrow ? random.pick(INSERTIONS) : String.fromCharCode(random.below(256));
  }
  return text;
}

function put(text: string, at: number, removed: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at + removed);
}

function flip(random: Random, text: string): string {
  const at = random.below(text.length);
  const byte = text.charCodeAt(at) ^ (1 << random.below(8));
  return text === '' ? text : put(text, at, 1, String.fromCharCode(byte & 0xff));
}

function replaceByte(random: Random, text: string): string {
  return put(text, random.below(text.length), 1, String.fromCharCode(random.below(256)));
}

function remove(random: Random, text: string): string {
  return put(text, random.below(text.length), 1 + random.below(random.chance(70) ? 3 : 40), '');
}

function duplicate(random: Random, text: string): string {
  const at = random.below(text.length);
  return put(text, at, 0, text.slice(at, at + 1 + random.below(30)));
}

function insert(random: Random, text: string): string {
  // Half of them where a line begins, which is where whole fields belong.
  let at = random.below(text.length + 1);
  if (random.chance(50)) at = text.indexOf('\n', at) + 1;
  return put(text, at, 0, random.pick(INSERTIONS));
}

function splice(random: Random, text: string, other: () => string): string {
  const behind = other();
  return text.slice(0, random.below(text.length + 1)) + behind.slice(random.below(behind.length));
}

function truncate(random: Random, text: string): string {
  return text.slice(0, random.below(text.length + 1));
}

function replaceNumber(random: Random, text: string): string {
  const numbers = [...text.matchAll(/[0-9]+/g)];
  if (numbers.length === 0) return text;
  const [number, at] = [random.pick(numbers)[0], random.pick(numbers).index];
  return put(text, at, number.length, random.pick(INSERTIONS));
}

function changeLineEnd(random: Random, text: string): string {
  if (random.chance(40)) return text.replaceAll('\r\n', '\n');
  const at = text.indexOf('\r\n', random.below(text.length));
  return at < 0 ? text : put(text, at, 2, random.pick(['\n', '\r', '', '\n\r', '\r\r\n']));
}

function swapCase(random: Random, text: string): string {
  const at = random.below(text.length);
  const swapped = String.fromCharCode(text.charCodeAt(at) ^ 0x20);
  return text === '' ? text : put(text, at, 1, swapped);
}

function run(random: Random, text: string): string {
  const piece = random.pick(['a', '0', ' ', '\r\n', 'X: y\r\n', ';', ',', '9']);
  const count = random.chance(80) ? random.pick([7, 16, 30]) : random.pick(RUNS);
  return put(text, random.below(text.length + 1), 0, piece.repeat(Math.ceil(count / piece.length)));
}

/** Makes start line, head or field count as large as the tight limits of `oracle.ts` allow, or one more or less. */
function fit(random: Random, text: string): string {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd < 0) return text;
  const around = random.below(5) - 2;
  switch (random.below(3)) {
    case 0: {
      const at = text.startsWith('HTTP/') ? lineEnd : text.indexOf('/') + 1;
      return put(text, at, 0, 'a'.repeat(Math.max(0, 60 + around - lineEnd)));
    }
    case 1: {
      const headEnd = text.indexOf('\r\n\r\n') + 4;
      const room = 160 + around - headEnd;
      return room < 4 ? text : put(text, lineEnd + 2, 0, `X:${'a'.repeat(room - 4)}\r\n`);
    }
    default:
      return put(text, lineEnd + 2, 0, 'X:\r\n'.repeat(1 + random.below(6)));
  }
}
