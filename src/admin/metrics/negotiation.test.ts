import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expositionFormat } from './negotiation.ts';

const OPEN = [
  null,
  '',
  '*/*',
  'application/openmetrics-text',
  'application/openmetrics-text; version=1.0.0; charset=utf-8',
  // Prometheus 2
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  // a browser
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/plain, application/openmetrics-text',
  'text/plain, */*',
  'application/*, text/plain;q=0.9',
  'text/plain;q=0, */*;q=0.1',
  'text/plain;q=0',
  'text/plain;q=2',
  'application/openmetrics-text;q=2, */*',
  'text/plain;q=',
  'text/plainer',
  'application/json',
  ',,;,',
];
const PLAIN = [
  'text/plain',
  'TEXT/Plain',
  ' text/plain ; version=0.0.4 ',
  'text/plain;version=0.0.4;q=0.001',
  'text/*',
  'text/html, text/plain',
  'text/plain, */*;q=0.5',
  'application/openmetrics-text;q=0, */*',
  'application/openmetrics-text; q=0.4, text/plain; Q=0.5',
];

for (const accept of OPEN) {
  test(`"Accept: ${accept ?? '(none)'}" gets OpenMetrics`, () => {
    assert.equal(expositionFormat(accept), 'openmetrics');
  });
}
for (const accept of PLAIN) {
  test(`"Accept: ${accept}" gets the text format of Prometheus`, () => {
    assert.equal(expositionFormat(accept), 'prometheus');
  });
}
