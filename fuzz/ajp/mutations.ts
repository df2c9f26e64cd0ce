import type { Random } from '../random.ts';

const WORDS = [
  '\0\0',
  '\0\x01',
  '\xff\xff',
  '\xff\xfe',
  '\xa0\x01',
  '\xa0\x0e',
  '\xa0\x0f',
  '\x12\x34',
  'AB',
  '\r\n',
  '\0',
];

/** Bytes with one to three things wrong in them. */
export function mutated(random: Random, text: string): string {
  let changed = text;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(changed.length + 1);
    const [before, behind] = [changed.slice(0, at), changed.slice(at)];
    switch (random.below(6)) {
      case 0:
        changed = before + String.fromCharCode(random.below(256)) + behind.slice(1);
        break;
      case 1:
        changed = before + random.pick(WORDS) + behind;
        break;
      case 2:
        changed = before + behind.slice(1 + random.below(4));
        break;
      case 3: {
        const word = random.pick(WORDS);
        changed = before + word + behind.slice(word.length);
        break;
      }
      case 4:
        changed = before + behind.slice(0, random.below(20)) + behind;
        break;
      case 5: {
        // A length that lies by a little.
        const code = (changed.charCodeAt(at) + 255 + random.below(3)) & 255;
        changed = before + String.fromCharCode(Number.isNaN(code) ? 0 : code) + behind.slice(1);
      }
    }
  }
  return changed;
}

/** A packet whose length is right again: else little but that would be looked at. */
export function withLength(text: string): string {
  const length = Math.max(0, text.length - 4);
  return text.slice(0, 2) + String.fromCharCode((length >> 8) & 255, length & 255) + text.slice(4);
}

/** A list of as many things as is drawn, `most` at most. */
export function some<T>(random: Random, most: number, one: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, one);
}

/** A stream of packets of which one is wrong; where that begins. Mostly its length is right. */
export function withFault(
  random: Random,
  packets: readonly string[],
): { readonly text: string; readonly from: number } {
  const which = random.below(packets.length);
  const from = packets.slice(0, which).join('').length;
  const changed = mutated(random, packets[which] ?? '');
  const wrong = random.chance(80) ? withLength(changed) : changed;
  const text = packets.map((packet, at) => (at === which ? wrong : packet)).join('');
  return { text, from };
}

/** A text in pieces that come one after the other: as a whole, byte by byte, or cut where it is drawn. */
export function* piecesOf(random: Random, text: string): Generator<string> {
  const way = random.below(3);
  for (let at = 0; at < text.length;) {
    const left = text.length - at;
    const size = way === 0 ? left : way === 1 ? 1 : 1 + random.below(Math.min(left, 40));
    yield text.slice(at, at + size);
    at += size;
  }
}
