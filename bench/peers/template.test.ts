import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate } from './template.ts';

test('every place gets its value, as often as it occurs', () => {
  assert.equal(
    fillTemplate('listen {{port}}; log {{dir}}/{{port}};', { port: 8080, dir: '/t' }),
    'listen 8080; log /t/8080;',
  );
});

test('braces that are not a place stay as they are', () => {
  assert.equal(fillTemplate('events { {a} }} {{ }}', {}), 'events { {a} }} {{ }}');
});

test('a value is put in as it is, places and replacement signs included', () => {
  assert.equal(fillTemplate('{{a}}', { a: '$&{{b}}', b: 'no' }), '$&{{b}}');
});

test('a place without a value is an error that names it', () => {
  assert.throws(() => fillTemplate('{{root}}{{prot}}', { root: '/', port: 1 }), /\{\{prot\}\}/);
});

test('a name that all objects know is no value', () => {
  assert.throws(() => fillTemplate('{{constructor}}', {}), /\{\{constructor\}\}/);
});
