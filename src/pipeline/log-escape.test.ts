import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeJson, escaper, escapeText } from './log-escape.ts';

const EVERY_BYTE = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

test('values are escaped byte for byte as nginx 1.22 was seen to write them', () => {
  const agent = 'a"b\\c\x1b\x7f\x80\xff\td';
  assert.equal(escapeText(agent), 'a\\x22b\\x5Cc\\x1B\\x7F\\x80\\xFF\\x09d');
  assert.equal(escaper('default')(agent), escapeText(agent));
  assert.equal(escaper('json')(agent), 'a\\"b\\\\c\\u001B\x7f\x80\xff\\td');
  assert.equal(escaper('none')(agent), agent);
});

test('no byte lets a value out of its quotes, its line, or onto a terminal', () => {
  assert.match(escapeText(EVERY_BYTE), /^[\x20-\x7e]+$/);
  assert.equal(escapeText(EVERY_BYTE).includes('"'), false);
  assert.match(escapeText('\r\n127.0.0.1 - - "'), /^\\x0D\\x0A127\.0\.0\.1 - - \\x22$/);
});

test('JSON text of any bytes is valid and gives the bytes back', () => {
  assert.match(escapeJson(EVERY_BYTE), /^[\x20-\x7e]+$/);
  assert.equal(JSON.parse(`"${escapeJson(EVERY_BYTE)}"`), EVERY_BYTE);
  assert.equal(JSON.parse(`"${escaper('json')(EVERY_BYTE)}"`), EVERY_BYTE);
  assert.equal(JSON.parse(`"${escapeJson('\u4e2d')}"`), '\u4e2d');
});

test('text without anything to escape is the same string', () => {
  const plain = 'GET /index.html HTTP/1.1';
  assert.equal(escapeText(plain), plain);
  assert.equal(escapeText(''), '');
  assert.equal(escapeText('x"'), 'x\\x22');
  assert.equal(escapeText('"x'), '\\x22x');
});

test('characters above latin1 in messages of our own are spelt out', () => {
  assert.equal(escapeText('a\u4e2db'), 'a\\u4E2Db');
});
