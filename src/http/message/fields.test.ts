import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalName, FIELD, fieldId, fieldIdOfBytes, lowerName } from './field-names.ts';
import { Fields, isHopByHop, NO_FIELDS } from './fields.ts';
import { equalsIgnoreCaseAscii } from './token.ts';

const wire = 'GET / HTTP/1.1\r\nhOsT: a.example\r\nX-One:1\r\nAccept: \tb \r\n';

function fromWire(): Fields {
  const fields = new Fields();
  for (const [name, value] of [
    ['hOsT', 'a.example'],
    ['X-One', '1'],
    ['Accept', 'b'],
  ] as const) {
    const at = wire.indexOf(name);
    const valueAt = wire.indexOf(value, at + name.length + 1);
    fields.appendSpan(fieldId(name), at, at + name.length, valueAt, valueAt + value.length);
  }
  fields.setText(wire);
  return fields;
}

test('every known name is found by string and by bytes, in any case, and nothing near it is', () => {
  for (const id of Object.values(FIELD)) {
    const name = canonicalName(id);
    for (const spelling of [name, name.toUpperCase(), lowerName(id)]) {
      assert.equal(fieldId(spelling), id, spelling);
      const bytes = Buffer.from(`<${spelling}>`, 'latin1');
      assert.equal(fieldIdOfBytes(bytes, 1, bytes.length - 1), id, spelling);
    }
    for (const near of [`${name}x`, name.slice(1), name.slice(0, -1), `${name.slice(0, -1)}\x00`]) {
      if (
        Object.values(FIELD).every((other) => !equalsIgnoreCaseAscii(canonicalName(other), near))
      ) {
        assert.equal(fieldId(near), 0, near);
        assert.equal(fieldIdOfBytes(Buffer.from(near, 'latin1'), 0, near.length), 0, near);
      }
    }
  }
});

test('bytes that differ from a letter only in the bit of its case are not that letter', () => {
  assert.equal(fieldId('H\x0fst'), 0);
  assert.equal(fieldId('Content\rLength'), 0);
});

test('fields from the wire keep order and spelling and are found by number and by name', () => {
  const fields = fromWire();
  assert.deepEqual(
    [...fields.entries()],
    [
      ['hOsT', 'a.example'],
      ['X-One', '1'],
      ['Accept', 'b'],
    ],
  );
  assert.equal(fields.get(FIELD.host), 'a.example');
  assert.equal(fields.getByName('x-oNE'), '1');
  assert.equal(fields.getByName('x-two'), null);
  assert.equal(fields.get(FIELD.range), null);
  assert.equal(fields.has(FIELD.accept), true);
});

test('setting a field replaces every one of that name, at the place of the first', () => {
  const fields = fromWire();
  fields.append('x-one', '2');
  fields.append('X-ONE', '3');
  fields.set('X-One', 'only');
  assert.deepEqual(
    [...fields.entries()],
    [
      ['hOsT', 'a.example'],
      ['X-One', 'only'],
      ['Accept', 'b'],
    ],
  );
  fields.set('New', 'n');
  assert.equal(fields.valueAt(3), 'n');
});

test('removing takes out every field of that name, known or not, and keeps the others in order', () => {
  const fields = fromWire();
  fields.append('Host', 'second');
  fields.append('x-one', 'again');
  assert.equal(fields.removeKnown(FIELD.host), true);
  assert.equal(fields.remove('X-ONE'), true);
  assert.equal(fields.remove('X-ONE'), false);
  assert.deepEqual([...fields.entries()], [['Accept', 'b']]);
});

test('values of a list field are joined in order', () => {
  const fields = Fields.of(['Accept', 'a'], ['Vary', 'x'], ['accept', 'b']);
  assert.equal(fields.joined(FIELD.accept), 'a, b');
  assert.equal(fields.joined(FIELD.vary), 'x');
  assert.equal(fields.joined(FIELD.via), null);
});

test('a copy changes alone, and what a writer kept is dropped by every change', () => {
  const fields = fromWire();
  fields.serialized = 'kept';
  const copy = fields.copy();
  copy.set('Accept', 'other');
  assert.equal(fields.get(FIELD.accept), 'b');
  assert.equal(fields.serialized, 'kept');
  assert.equal(copy.serialized, null);
  fields.append('A', 'b');
  assert.equal(fields.serialized, null);
});

test('sealed fields refuse every change, so that no client sees what was meant for another', () => {
  const sealed = Fields.of(['A', 'b']).seal();
  for (const change of [
    () => sealed.append('C', 'd'),
    () => sealed.appendKnown(FIELD.age, '1'),
    () => sealed.set('A', 'c'),
    () => sealed.remove('a'),
    () => NO_FIELDS.append('A', 'b'),
  ]) {
    assert.throws(change, TypeError);
  }
  assert.equal(sealed.remove('absent'), false);
  const copy = sealed.copy();
  copy.append('C', 'd');
  assert.equal(copy.size, 2);
  assert.equal(sealed.size, 1);
});

test('sealed fields are what they were behind a refused removal', () => {
  const sealed = Fields.of(['A', '1'], ['Server', 's'], ['A', '2'], ['C', '3']).seal();
  const lines = sealed.lines();
  const marked = new Uint8Array(256);
  marked[FIELD.server] = 1;
  for (const change of [
    () => sealed.remove('A'),
    () => sealed.set('A', '4'),
    () => sealed.removeKnown(FIELD.server),
    () => {
      sealed.removeMarked(marked);
    },
  ]) {
    assert.throws(change, TypeError);
    assert.equal(sealed.lines(), lines);
  }
});

test('names of the object prototype are ordinary field names', () => {
  const fields = Fields.of(['__proto__', 'a'], ['constructor', 'b']);
  assert.equal(fields.getByName('__PROTO__'), 'a');
  assert.equal(fields.getByName('constructor'), 'b');
  assert.equal(fields.getByName('toString'), null);
});

test('exactly the fields of one connection are hop-by-hop', () => {
  const hop = Object.values(FIELD).filter(isHopByHop).map(lowerName);
  assert.deepEqual(hop, [
    'connection',
    'http2-settings',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ]);
});

test('a name or value that could split a head is refused where it is set', () => {
  const fields = Fields.of(['A', 'b']);
  for (const value of ['a\r\nSet-Cookie: x', 'a\rb', 'a\nb', 'a\0b', '\x7f', '\x1b[0m']) {
    assert.throws(() => fields.append('X', value), TypeError);
    assert.throws(() => fields.set('A', value), TypeError);
  }
  for (const name of ['', 'a b', 'a:', 'a\r\nb', 'é']) {
    assert.throws(() => fields.append(name, 'v'), TypeError);
  }
  assert.deepEqual([...fields.entries()], [['A', 'b']]);
  fields.append('Tab', 'a\tb\x80\xff');
  assert.equal(fields.getByName('tab'), 'a\tb\x80\xff');
});

test('taking marked fields out keeps the others in order, those of a program and of the wire, and no copy changes', () => {
  const fields = fromWire();
  fields.append('Via', 'x');
  fields.append('X-Two', '2');
  const dropped = new Uint8Array(256);
  for (const id of [FIELD.host, FIELD.via]) dropped[id] = 1;
  const copy = fields.copy();
  copy.removeMarked(dropped);
  assert.deepEqual(
    [...copy.entries()],
    [
      ['X-One', '1'],
      ['Accept', 'b'],
      ['X-Two', '2'],
    ],
  );
  copy.set('X-Two', 'changed');
  assert.equal(fields.getByName('x-two'), '2');
  assert.equal(fields.size, 5);
});

test('lines are name, colon, space, value and CR LF, however the fields came', () => {
  const fields = fromWire();
  assert.equal(fields.lines(), 'hOsT: a.example\r\nX-One: 1\r\nAccept: b\r\n');
  fields.append('Own', 'o');
  fields.replaceAt(0, 'other');
  assert.equal(fields.lines(), 'hOsT: other\r\nX-One: 1\r\nAccept: b\r\nOwn: o\r\n');
  assert.equal(NO_FIELDS.lines(), '');
});

describe('lines of fields that came in one piece', () => {
  // Each line of `text` is a field, read as the parser reads it.
  const read = (text: string): Fields => {
    const parsed = new Fields();
    parsed.setText(text);
    let at = 0;
    for (const line of text.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) {
        const value = /^[^:]*:[ \t]*/.exec(line)?.[0].length ?? 0;
        const valueEnd = line.trimEnd().length;
        parsed.appendSpan(0, at, at + colon, at + value, at + Math.max(value, valueEnd));
      }
      at += line.length + 1;
    }
    return parsed;
  };
  const spellings = [
    'A: 1\r\n',
    'A:1\r\n',
    'A:\t1\r\n',
    'A: 1 \r\n',
    'A: 1\n',
    'A: 1 \n',
    'A:  1\r\n',
    'A: \r\n',
    'A:\r\n',
  ];
  const usual = (spelling: string): string => (spelling.includes('1') ? 'A: 1\r\n' : 'A: \r\n');

  test('every neighbourhood of two, and each of them behind another and before the end', () => {
    for (const one of spellings) {
      for (const two of spellings) {
        const fields = read(`B: 2\r\n${one}${two}C: 3\r\n\r\n`);
        assert.equal(fields.lines(), `B: 2\r\n${usual(one)}${usual(two)}C: 3\r\n`);
        assert.equal(read(`${one}${two}`).lines(), usual(one) + usual(two));
      }
    }
  });

  test('what was taken out or put in between is out or in', () => {
    const text = 'A: 1\r\nVia: x\r\nB: 2\r\nHost: h\r\nHost: i\r\nC: 3\r\n\r\n';
    const build = (): Fields => {
      const fields = new Fields();
      fields.setText(text);
      for (const line of ['A: 1', 'Via: x', 'B: 2', 'Host: h', 'Host: i', 'C: 3']) {
        const at = text.indexOf(line);
        const colon = at + line.indexOf(':');
        fields.appendSpan(
          fieldId(line.slice(0, colon - at)),
          at,
          colon,
          colon + 2,
          at + line.length,
        );
      }
      return fields;
    };
    assert.equal(build().lines(), text.slice(0, -2));
    const marked = new Uint8Array(256);
    for (const id of [FIELD.host, FIELD.via]) marked[id] = 1;
    const fields = build();
    fields.removeMarked(marked);
    assert.equal(fields.lines(), 'A: 1\r\nB: 2\r\nC: 3\r\n');
    assert.equal(fields.size, 3);
    assert.equal(fields.idAt(3), 0);
    assert.equal(fields.nameAt(3), '');
    assert.equal(fields.indexOf(FIELD.host), -1);
    fields.appendKnown(FIELD.via, 'y');
    assert.equal(fields.lines(), 'A: 1\r\nB: 2\r\nC: 3\r\nVia: y\r\n');
    const only = build();
    only.remove('b');
    only.replaceAt(0, '9');
    assert.equal(only.lines(), 'A: 9\r\nVia: x\r\nHost: h\r\nHost: i\r\nC: 3\r\n');
    assert.throws(() => build().seal().removeMarked(marked), TypeError);
    assert.doesNotThrow(() => Fields.of(['A', '1']).seal().removeMarked(marked));
  });
});

test('a field that has a number is found by its name too, and its number by its place', () => {
  const fields = fromWire();
  assert.equal(fields.getByName('HOST'), 'a.example');
  assert.equal(fields.getByName('accept'), 'b');
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => fields.idAt(at)),
    [FIELD.host, 0, FIELD.accept, 0],
  );
  assert.equal(fields.indexOfName('Accept'), 2);
  assert.equal(fields.indexOfName('Accept', 3), -1);
  assert.equal(fields.indexOfName('x-none'), -1);
  assert.equal(fields.indexOfName('x-one', 1), 1);
  assert.equal(fields.indexOfName('x-one', 2), -1);
});

test('the first field is set in its place like any other', () => {
  const fields = fromWire();
  fields.set('Host', 'b.example');
  assert.equal(fields.size, 3);
  assert.equal(fields.valueAt(0), 'b.example');
  assert.equal(fields.nameAt(0), 'hOsT');
});

test('what stays behind removed fields is still found by its number', () => {
  const fields = fromWire();
  fields.append('Via', 'v');
  fields.remove('Host');
  assert.equal(fields.get(FIELD.accept), 'b');
  assert.equal(fields.get(FIELD.via), 'v');
  assert.equal(fields.getByName('X-One'), '1');
  assert.equal(fields.get(FIELD.host), null);
});

test('values that follow each other at once are all joined', () => {
  const fields = Fields.of(['Accept', 'a'], ['Accept', 'b'], ['Accept', ''], ['Accept', 'c']);
  assert.equal(fields.joined(FIELD.accept), 'a, b, , c');
});

test('a copy holds what the original does, of the wire and of a program, and neither changes the other', () => {
  const fields = fromWire();
  fields.append('Own', 'o');
  const copy = fields.copy();
  const before = [...fields.entries()];
  assert.deepEqual([...copy.entries()], before);
  copy.append('More', 'm');
  copy.set('Own', 'p');
  fields.append('Other', 'x');
  assert.deepEqual([...fields.entries()], [...before, ['Other', 'x']]);
  assert.deepEqual([...copy.entries()], [...before.slice(0, 3), ['Own', 'p'], ['More', 'm']]);
  const wireOnly = fromWire();
  assert.deepEqual([...wireOnly.copy().entries()], [...wireOnly.entries()]);
  const whole = wireOnly.copy();
  whole.removeMarked(new Uint8Array(256));
  assert.deepEqual([...whole.entries()], [...wireOnly.entries()]);
});

test('a kept response is dropped by every change and stays out of copies', () => {
  const kept = { opening: 'o', body: 'b', text: 't' };
  for (const change of [
    (fields: Fields) => fields.append('A', 'b'),
    (fields: Fields) => fields.set('Host', 'x'),
    (fields: Fields) => fields.replaceAt(0, 'x'),
    (fields: Fields) => fields.remove('Host'),
    (fields: Fields) => fields.removeKnown(FIELD.host),
    (fields: Fields) =>
      fields.removeMarked(new Uint8Array(256).fill(1, FIELD.host, FIELD.host + 1)),
  ]) {
    const fields = fromWire();
    fields.response = kept;
    fields.serialized = 's';
    assert.equal(fields.copy().response, null);
    assert.equal(fields.copy().serialized, null);
    fields.removeMarked(new Uint8Array(256));
    assert.equal(fields.remove('absent'), false);
    assert.equal(fields.response, kept);
    change(fields);
    assert.equal(fields.response, null);
    assert.equal(fields.serialized, null);
  }
});
