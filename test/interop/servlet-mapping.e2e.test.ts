/** Which servlet gets a request, and what it is told of the path: as Tomcat does it, for 61 applications. */
import assert from 'node:assert/strict';
import { isUtf8 as isValidUtf8 } from 'node:buffer';
import { after, before, describe, test } from 'node:test';
import { type DaemunWebapps, startDaemunWebapps } from '../support/daemun-webapps.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/process.ts';
import { DAEMUN_PROBE, mappingSets, writeMappingSet } from '../support/servlet-mapping-sets.ts';
import {
  type Answer,
  compareMapping,
  describeWrong,
  type Difference,
  type MappingServer,
  startTomcatMapping,
} from '../support/tomcat-mapping.ts';

const TARGETS_OF_A_SET = 2000;

function refused(status: number): Answer {
  return { status, location: null, text: '' };
}

/** The segments of the path of a target, as written, but for scheme and authority. */
function segmentsOf(target: string): readonly string[] {
  const [path = ''] = target.replace(/^http:\/\/[^/?]*/, '').split('?');
  return path.split('/').slice(1);
}

function nameOf(segment: string): string {
  return segment.replace(/;.*/, '');
}

function parametersOf(segment: string): string {
  return segment.slice(nameOf(segment).length);
}

/** In latin1. */
function decoded(name: string): string {
  return name.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

function isDots(segment: string): boolean {
  return ['.', '..'].includes(decoded(nameOf(segment)));
}

function isUtf8(name: string): boolean {
  return isValidUtf8(Buffer.from(decoded(name), 'latin1'));
}

/** What is left of the names behind dots, decoded. */
function resolved(segments: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (const name of segments.map((segment) => decoded(nameOf(segment)))) {
    if (name === '..') names.pop();
    else if (name !== '.' && name !== '') names.push(name);
  }
  return names;
}

/** What Jakarta Servlet section 3.5.2 has refused, and Tomcat does not refuse. */
function suspicious(reason: string, has: (segments: readonly string[]) => boolean): Difference {
  return {
    reason: `Jakarta Servlet section 3.5.2 item 10 has it refused: ${reason}`,
    applies: (target, { status }) => status !== 400 && has(segmentsOf(target)),
    ours: () => refused(400),
  };
}

const DIFFERENCES: readonly Difference[] = [
  suspicious('a dot segment that is encoded', (segments) =>
    segments.some((segment) => isDots(segment) && nameOf(segment).includes('%')),
  ),
  suspicious('a dot segment with parameters', (segments) =>
    segments.some((segment) => isDots(segment) && segment.includes(';')),
  ),
  suspicious('an empty segment with parameters that is not the last', (segments) =>
    segments.slice(0, -1).some((segment) => segment.startsWith(';')),
  ),
  suspicious('a control character, in parameters as well', (segments) =>
    segments.some((segment) => /%(?:[01].|7f)/i.test(segment)),
  ),
  suspicious('an encoded backslash, in parameters as well', (segments) =>
    segments.some((segment) => /%5c/i.test(segment)),
  ),
  suspicious('a broken escape, in parameters as well', (segments) =>
    segments.some((segment) => /%(?![0-9a-f]{2})/i.test(parametersOf(segment))),
  ),
  suspicious('an encoded slash, in parameters as well', (segments) =>
    segments.some((segment) => /%2f/i.test(segment)),
  ),
  suspicious('bytes that are no UTF-8, in a segment that dots take away as well', (segments) =>
    segments.some((segment) => !isUtf8(nameOf(segment))),
  ),
  {
    reason: 'names that begin with a dot are nobody else’s business',
    applies: (target, { status, text }) =>
      (status === 302 || text.startsWith('file ')) &&
      resolved(segmentsOf(target)).some((name) => name.startsWith('.')),
    ours: () => refused(404),
  },
  {
    reason: 'a welcome file for the servlet of / is mapped by it; Tomcat tells no mapping',
    applies: (_, { text }) => text.includes('\nmatch=null\npattern=\n'),
    ours: (expected) => ({
      ...expected,
      text: expected.text.replace('\nmatch=null\npattern=\n', '\nmatch=DEFAULT\npattern=/\n'),
    }),
  },
];

describe('servlet mapping as Tomcat does it', { skip: needs('tomcat10') }, () => {
  const sets = mappingSets();
  let tomcat: MappingServer;
  let daemun: DaemunWebapps;

  before(async () => {
    const directory = temporaryDirectory();
    for (const set of sets) writeMappingSet(directory, set, DAEMUN_PROBE);
    tomcat = await startTomcatMapping(sets);
    try {
      daemun = await startDaemunWebapps(directory);
    } catch (error) {
      await tomcat.stop();
      throw error;
    }
  });
  after(() => Promise.all([daemun.stop(), tomcat.stop()]));

  test('the same servlet, the same path elements, the same files and redirects', async (t) => {
    const ports = { ours: daemun.port, theirs: tomcat.port };
    const comparison = await compareMapping(ports, sets, TARGETS_OF_A_SET, DIFFERENCES);
    assert.equal(comparison.wrong.size, 0, describeWrong(comparison));
    const { asked, kinds, explained } = comparison;
    t.diagnostic([...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', '));
    for (const difference of DIFFERENCES) {
      const count = explained.get(difference) ?? 0;
      t.diagnostic(`${count} × ${difference.reason}`);
      assert.ok(count > 0 && count < asked / 4, `${count} × ${difference.reason}`);
    }
    for (const kind of ['CONTEXT_ROOT', 'DEFAULT', 'EXACT', 'EXTENSION', 'PATH', 'null']) {
      assert.ok((kinds.get(kind) ?? 0) > 200, kind);
    }
    for (const kind of ['file', '302', '400', '404']) {
      assert.ok((kinds.get(kind) ?? 0) > 2000, kind);
    }
  });
});
