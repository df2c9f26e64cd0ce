import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySite, says } from '../../test/support/memory-site.ts';
import { compileTemplate } from './template.ts';
import { CORE_FAMILIES, coreVariables } from './core-variables.ts';
import { Variables } from './variables.ts';

const variables = new Variables(coreVariables({ hostname: 'machine', pid: 7 }), CORE_FAMILIES);

function evaluated(written: string, target = '/a/b?x=1'): string {
  const template = compileTemplate(written, variables);
  assert.ok('value' in template, JSON.stringify(template));
  let text = '';
  const site = new MemorySite({
    h: {
      '~ ^/(a)/(b)': {
        handle: (context) => {
          text = template.value.evaluate(context);
          return says('').handle(context);
        },
      },
    },
  });
  site.ask({ target });
  return text;
}

test('variables stand with a dollar sign, with or without braces, between any text', () => {
  const cases: [written: string, text: string][] = [
    ['', ''],
    ['plain', 'plain'],
    ['$uri', '/a/b'],
    ['${uri}', '/a/b'],
    ['${uri}s', '/a/bs'],
    ['$uri/$args.', '/a/b/x=1.'],
    ['$$uri $$', '$uri $'],
    ['$$$uri', '$/a/b'],
    ['$1$2', 'ab'],
    ['$10', 'a0'],
    ['${1}0', 'a0'],
    ['$3|$http_none|', '||'],
    ['{$uri}', '{/a/b}'],
    ['$URI', '/a/b'],
    ['\u00e9$1', '\xc3\xa9a'],
  ];
  for (const [written, text] of cases) assert.equal(evaluated(written), text, written);
});

test('a stray dollar sign and an unknown variable are refused', () => {
  for (const written of ['$', 'a$', '$ uri', '$-', '${uri', '${}', '${a b}', '$0', '$\u00e9']) {
    const result = compileTemplate(written, variables);
    assert.ok('message' in result, written);
    assert.match(result.message, /not followed by the name/);
  }
  const unknown = compileTemplate('$ur', variables);
  assert.ok('cure' in unknown);
  assert.equal(unknown.cure, 'Did you mean $uri? All variables are in docs/reference/variables.md');
});

test('a text that is the same for every request says so', () => {
  const constant = (written: string): string | null | undefined => {
    const template = compileTemplate(written, variables);
    return 'value' in template ? template.value.constant : undefined;
  };
  assert.equal(constant(''), '');
  assert.equal(constant('a$$b'), 'a$b');
  assert.equal(constant('$uri'), null);
  assert.equal(constant('a$uri'), null);
});

test('values are written as the place asks, and a missing one is what the place says', () => {
  const template = compileTemplate('<$uri><$http_none>', variables, {
    value: (text) => text.replaceAll('/', '_'),
    missing: '-',
  });
  assert.ok('value' in template);
  let text = '';
  const site = new MemorySite({
    h: {
      '/': {
        handle: (context) => {
          text = template.value.evaluate(context);
          return says('').handle(context);
        },
      },
    },
  });
  site.ask({ target: '/a/b' });
  assert.equal(text, '<_a_b><->');
});
