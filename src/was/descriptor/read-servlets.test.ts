import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWebXml } from './read-web-xml.ts';
import type { WebAppModel } from './web-app.ts';

function read(content: string): {
  readonly model: WebAppModel | null;
  readonly told: readonly string[];
} {
  const { model, problems } = readWebXml(`<web-app>${content}</web-app>`, '/a/web.xml');
  const told = problems.map(
    ({ code, object, isNote }) => `${isNote === true ? 'note ' : ''}${code} ${object}`,
  );
  return { model, told };
}

const servlet = (name: string, more = ''): string =>
  `<servlet><servlet-name>${name}</servlet-name><servlet-class>A</servlet-class>${more}</servlet>`;

const filter = (mapping: string): string =>
  `<filter><filter-name>f</filter-name><filter-class>F</filter-class></filter><filter-mapping><filter-name>f</filter-name>${mapping}</filter-mapping>`;

const mapping = (name: string): string =>
  `<servlet-mapping><servlet-name>${name}</servlet-name><url-pattern>/${name}</url-pattern></servlet-mapping>`;

test('a name is known although its declaration is wrong', () => {
  assert.deepEqual(read(`<servlet><servlet-name>a</servlet-name></servlet>${mapping('a')}`).told, [
    'missing-key <servlet> a',
  ]);
  const page = '<servlet><servlet-name>a</servlet-name><jsp-file>/a.jsp</jsp-file></servlet>';
  assert.deepEqual(read(page + mapping('a')).told, ['not-available <jsp-file>/a.jsp</jsp-file>']);
  const noClass =
    '<filter><filter-name>f</filter-name></filter><filter-mapping><filter-name>f</filter-name><url-pattern>/*</url-pattern></filter-mapping>';
  assert.deepEqual(read(noClass).told, ['missing-key <filter> f']);
});

test('the servlet of the container needs no declaration, that of pages is not supported', () => {
  assert.deepEqual(read(mapping('default')).told, []);
  assert.deepEqual(read(mapping('jsp')).told, ['not-available <servlet-name>jsp</servlet-name>']);
  assert.deepEqual(read(servlet('jsp') + mapping('jsp')).told, []);
  assert.deepEqual(read(filter('<servlet-name>default</servlet-name>')).told, []);
});

test('declarations may stand behind their uses', () => {
  assert.deepEqual(read(mapping('a') + servlet('a')).told, []);
});

test('a filter without a dispatcher is for requests, one for ASYNC alone for none of them', () => {
  const dispatchers = (text: string): readonly string[] => {
    const { model } = read(filter(`<url-pattern>/*</url-pattern>${text}`));
    return [...(model?.filterMappings[0]?.dispatchers ?? ['no model'])];
  };
  assert.deepEqual(dispatchers(''), ['REQUEST']);
  assert.deepEqual(dispatchers('<dispatcher>ASYNC</dispatcher>'), []);
  assert.deepEqual(dispatchers('<dispatcher>ASYNC</dispatcher><dispatcher>ERROR</dispatcher>'), [
    'ERROR',
  ]);
});

test('of two parameters of a servlet the first counts, and it is noted', () => {
  const param = (value: string): string =>
    `<init-param><param-name>p</param-name><param-value>${value}</param-value></init-param>`;
  const { model, told } = read(servlet('a', param('1') + param('2')));
  assert.deepEqual(told, ['note duplicate <param-name>p</param-name>']);
  assert.equal(model?.servlets[0]?.initParams.get('p'), '1');
});

test('limits of uploads have no more digits than are exact', () => {
  const upload = (name: string, value: string): readonly string[] =>
    read(servlet('a', `<multipart-config><${name}>${value}</${name}></multipart-config>`)).told;
  for (const name of ['max-file-size', 'max-request-size']) {
    assert.deepEqual(upload(name, '-1'), []);
    assert.deepEqual(upload(name, '9007199254740991'), []);
    assert.deepEqual(upload(name, '-2'), [`out-of-range <${name}>-2</${name}>`]);
    assert.deepEqual(upload(name, '9007199254740992'), [
      `out-of-range <${name}>9007199254740992</${name}>`,
    ]);
  }
  assert.deepEqual(upload('file-size-threshold', '0'), []);
  assert.deepEqual(upload('file-size-threshold', '2147483647'), []);
  assert.deepEqual(upload('file-size-threshold', '-1').length, 1);
  assert.deepEqual(upload('file-size-threshold', '2147483648').length, 1);
});

test('load-on-startup is an int', () => {
  const start = (value: string): number | null | undefined =>
    read(servlet('a', `<load-on-startup>${value}</load-on-startup>`)).model?.servlets[0]
      ?.loadOnStartup;
  assert.equal(start('-2147483648'), -2147483648);
  assert.equal(start('2147483647'), 2147483647);
  assert.equal(start('2147483648'), undefined);
  assert.equal(start('-2147483649'), undefined);
});

test('what a servlet says once is told where it says it again', () => {
  const twice = '<load-on-startup>1</load-on-startup><load-on-startup>2</load-on-startup>';
  assert.deepEqual(read(servlet('a', twice)).told, [
    'duplicate <load-on-startup>2</load-on-startup>',
  ]);
  assert.deepEqual(read(servlet('a', '<multipart-config/><multipart-config/>')).told, [
    'duplicate <multipart-config>',
  ]);
});

test('identity and roles of a servlet are not supported', () => {
  const roles = '<security-role-ref/><security-role-ref/><run-as/>';
  assert.deepEqual(read(servlet('a', roles)).told, [
    'not-available <security-role-ref>',
    'not-available <security-role-ref>',
    'not-available <run-as>',
  ]);
});
