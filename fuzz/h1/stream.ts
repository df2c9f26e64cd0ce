import { Random } from '../random.ts';
import type { FuzzTarget } from '../target.ts';
import { requestStream, responseStream } from './grammar.ts';
import { mutate, noise } from './mutations.ts';
import { anyReading, examine } from './oracle.ts';
import type { Reading } from './oracle.ts';

/** An input, and how it is to be read. */
interface Stream {
  readonly bytes: Buffer;
  readonly reading: Reading;
}

/** The stream that belongs to `seed`: three in a hundred noise, a fifth valid, the rest mutated. */
function streamOf(seed: number): Stream {
  const random = new Random(seed);
  const role = random.chance(65) ? 'request' : 'response';
  const message = () => (role === 'request' ? requestStream(random) : responseStream(random));
  const kind = random.below(100);
  let text: string;
  if (kind < 3) text = noise(random);
  else if (kind < 23) text = message();
  else text = mutate(random, message(), message);
  return { bytes: Buffer.from(text, 'latin1'), reading: anyReading(role, random) };
}

/** The HTTP/1.1 parsers, for `fuzz/main.ts`. */
export const H1_TARGET: FuzzTarget = {
  inputOf: (seed) => streamOf(seed).bytes,
  outcomeOf: (seed) => {
    const { bytes, reading } = streamOf(seed);
    return `${reading.role} ${examine(bytes, reading, new Random(seed ^ 0x5eed))}`;
  },
};
