import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXml, type XmlElement, type XmlFault } from './xml-tree.ts';

function rootOf(text: string): XmlElement {
  const parsed = parseXml(text);
  assert.ok('root' in parsed, JSON.stringify(parsed));
  return parsed.root;
}

function faultOf(text: string): XmlFault {
  const parsed = parseXml(text);
  assert.ok('fault' in parsed, text.slice(0, 80));
  const { message, cure } = parsed.fault;
  assert.ok(cure !== '' && !message.endsWith('.') && /^[A-Z]/.test(message), message);
  return parsed.fault;
}

/** `name line:column` of an element and all within it. */
function placesOf(element: XmlElement): readonly string[] {
  const { name, line, column, children } = element;
  return [`${name} ${line}:${column}`, ...children.flatMap(placesOf)];
}

test('elements keep their order and their trimmed text, without that of their children', () => {
  const root = rootOf('<a> x <b>\n y\t</b><c><![CDATA[<&]]>&amp;&#65;</c> z </a>');
  assert.equal(root.text, 'x  z');
  assert.deepEqual(
    root.children.map(({ name, text }) => [name, text]),
    [
      ['b', 'y'],
      ['c', '<&&A'],
    ],
  );
});

test('elements stand where their tags begin, whatever ends their names and lines', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = `<a${end}  x="1"${end}>${end}  <b/><c>é😀</c><d${end}/>${end}</a>`;
    assert.deepEqual(
      placesOf(rootOf(text)),
      ['a 1:1', 'b 4:3', 'c 4:7', 'd 4:17'],
      JSON.stringify(end),
    );
  }
  assert.deepEqual(placesOf(rootOf('\uFEFF<a><b\n/></a>')), ['a 1:1', 'b 1:4']);
});

test('a fault stands where the parser met it', () => {
  for (const [text, line, column] of [
    ['<a b=1/>', 1, 6],
    ['<a>\n&nbsp;</a>', 2, 6],
    ['<a>\n  <b>\n  </c></a>', 3, 6],
    ['<a>\n\0</a>', 2, 1],
    ['<a>', 1, 3],
    ['', 1, 1],
    [' \n ', 2, 1],
    ['<a/>\n<b/>', 2, 3],
    ['<a>\n  <x:b/></a>', 2, 8],
  ] as const) {
    const fault = faultOf(text);
    assert.deepEqual([fault.line, fault.column], [line, column], `${text}: ${fault.message}`);
  }
});

test('depth ends at its limit, and costs nothing beyond', () => {
  const deep = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.equal(rootOf(deep(100)).name, 'a');
  const fault = faultOf(deep(101));
  assert.match(fault.message, /^Elements lie more than 100 deep/);
  assert.equal(fault.column, 301);
  // Namespaces are looked up through all open elements: this would take minutes.
  faultOf('<a>'.repeat(200_000));
  faultOf(`<a>${'&x;'.repeat(300_000)}</a>`);
});

test('length ends at its limit', () => {
  const rest = '<a></a>'.length;
  const most = 4 * 1024 * 1024;
  assert.equal(rootOf(`<a>${'x'.repeat(most - rest)}</a>`).text.length, most - rest);
  assert.match(faultOf(`<a>${'x'.repeat(most - rest + 1)}</a>`).message, /more than 4194304/);
});

test('an attribute may be as long as the file', () => {
  assert.equal(rootOf(`<a b="${'x'.repeat(1_000_000)}"/>`).name, 'a');
});

test('a DOCTYPE may name its document type, and declare nothing', () => {
  assert.equal(rootOf('<!DOCTYPE a>\n<a/>').name, 'a');
  assert.equal(rootOf(`<!DOCTYPE a PUBLIC '-//x[y]//' "file:///etc/passwd"><a/>`).name, 'a');
  for (const inside of [
    '',
    '<!ELEMENT a ANY>',
    '<!ENTITY x SYSTEM "file:///etc/passwd">',
    '<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;',
    '<!ENTITY x "y"><!ENTITY z "&x;&x;&x;&x;">',
    `<!ENTITY x ']>'>`,
  ]) {
    assert.equal(
      faultOf(`<!DOCTYPE a [${inside}]>\n<a>&x;</a>`).message,
      'The DOCTYPE has declarations in it',
    );
  }
});

test('names of the language are no entities', () => {
  for (const name of ['constructor', '__proto__', 'toString']) faultOf(`<a>&${name};</a>`);
});

test('a file in another encoding is told where it matters', () => {
  const declared = (encoding: string, text: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`;
  assert.equal(rootOf(declared('utf-8', 'é')).text, 'é');
  assert.equal(rootOf(declared('ISO-8859-1', 'e')).text, 'e');
  assert.match(faultOf(declared('ISO-8859-1', 'é')).message, /says that it is in ISO-8859-1/);
  const broken = faultOf('<a>\n \uFFFD</a>');
  assert.deepEqual(
    [broken.message, broken.line, broken.column],
    ['The file is not in UTF-8', 2, 2],
  );
});
