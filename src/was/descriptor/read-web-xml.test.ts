import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_WEB_APP, readWebXml } from './read-web-xml.ts';
import type { WebAppModel } from './web-app.ts';

const NAMESPACE = 'xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"';

/** The model of a descriptor with this content, which has to be right; notes are allowed where they are asked for. */
function model(content: string, notes = 0): WebAppModel {
  const read = readWebXml(`<web-app ${NAMESPACE}>${content}</web-app>`, '/a/web.xml');
  assert.equal(read.problems.length, notes, JSON.stringify(read.problems, null, 1));
  assert.ok(read.model !== null);
  return read.model;
}

/** What is wrong with a content, one line each: place, code, object, message. The content begins at line 2. */
function faults(content: string): readonly string[] {
  const read = readWebXml(`<web-app ${NAMESPACE}>\n${content}</web-app>`, '/a/web.xml');
  const isNote = read.problems.every((problem) => problem.isNote === true);
  assert.equal(read.model === null, !isNote);
  return read.problems.map(({ line, column, code, object, message, cure, file, isNote: note }) => {
    assert.equal(file, '/a/web.xml');
    assert.ok(cure !== '' && !message.endsWith('.'));
    return `${line}:${column} ${note === true ? 'note ' : ''}${code} ${object} ${message}`;
  });
}

const servlet = (name: string, more = ''): string =>
  `<servlet><servlet-name>${name}</servlet-name><servlet-class>com.example.A</servlet-class>${more}</servlet>`;

const mapping = (name: string, ...patterns: readonly string[]): string =>
  `<servlet-mapping><servlet-name>${name}</servlet-name>${patterns
    .map((pattern) => `<url-pattern>${pattern}</url-pattern>`)
    .join('')}</servlet-mapping>`;

test('a descriptor that says nothing is as none', () => {
  assert.deepEqual(model(''), DEFAULT_WEB_APP);
});

test('every supported element arrives in the model', () => {
  const read = model(`
    <description>words</description>
    <display-name>The shop</display-name>
    <icon><small-icon>/a.png</small-icon></icon>
    <distributable/>
    <context-param><param-name>a</param-name><param-value>1</param-value></context-param>
    <context-param><param-name>b</param-name><param-value></param-value></context-param>
    <filter>
      <filter-name>f</filter-name><filter-class>com.example.F</filter-class>
      <async-supported>true</async-supported>
      <init-param><param-name>x</param-name><param-value> y </param-value></init-param>
    </filter>
    <filter-mapping>
      <filter-name>f</filter-name><url-pattern>/*</url-pattern><servlet-name>s</servlet-name><servlet-name>*</servlet-name>
      <dispatcher>FORWARD</dispatcher><dispatcher>ERROR</dispatcher><dispatcher>ASYNC</dispatcher>
    </filter-mapping>
    ${servlet(
      's',
      `<init-param><description>d</description><param-name>p</param-name><param-value>v</param-value></init-param>
       <load-on-startup>3</load-on-startup>
       <multipart-config><location>up</location><max-file-size>10</max-file-size>
         <max-request-size>20</max-request-size><file-size-threshold>5</file-size-threshold></multipart-config>`,
    )}
    ${servlet('t', '<load-on-startup/>')}
    ${mapping('s', '/s/*', '*.s', '', '/')}
    ${mapping('default', '/files/*')}
    <session-config>
      <session-timeout>0</session-timeout>
      <cookie-config><name>sid</name><domain>example.com</domain><path>/</path><comment>c</comment>
        <http-only>false</http-only><secure>true</secure><max-age>60</max-age>
        <attribute><attribute-name>samesite</attribute-name><attribute-value>None</attribute-value></attribute>
        <attribute><attribute-name>Partitioned</attribute-name><attribute-value></attribute-value></attribute>
      </cookie-config>
      <tracking-mode>COOKIE</tracking-mode><tracking-mode>URL</tracking-mode>
    </session-config>
    <mime-mapping><extension>TXT</extension><mime-type>text/plain;charset=UTF-8</mime-type></mime-mapping>
    <welcome-file-list><welcome-file>start.do</welcome-file><welcome-file>a/index.html</welcome-file></welcome-file-list>
    <error-page><error-code>404</error-code><location>/404</location></error-page>
    <error-page><exception-type>com.example.Missing</exception-type><location>/missing</location></error-page>
    <error-page><location>/all?x=y</location></error-page>
    <request-character-encoding>EUC-KR</request-character-encoding>
    <response-character-encoding>ISO-8859-1</response-character-encoding>
    <deny-uncovered-http-methods/>
    <absolute-ordering><others/></absolute-ordering>
  `);
  assert.deepEqual(read, {
    displayName: 'The shop',
    contextParams: new Map([
      ['a', '1'],
      ['b', ''],
    ]),
    servlets: [
      {
        name: 's',
        className: 'com.example.A',
        initParams: new Map([['p', 'v']]),
        loadOnStartup: 3,
        multipart: { location: 'up', maxFileSize: 10, maxRequestSize: 20, fileSizeThreshold: 5 },
      },
      {
        name: 't',
        className: 'com.example.A',
        initParams: new Map(),
        loadOnStartup: 0,
        multipart: null,
      },
    ],
    servletMappings: [
      { pattern: '/s/*', servletName: 's' },
      { pattern: '*.s', servletName: 's' },
      { pattern: '', servletName: 's' },
      { pattern: '/', servletName: 's' },
      { pattern: '/files/*', servletName: 'default' },
    ],
    filters: [{ name: 'f', className: 'com.example.F', initParams: new Map([['x', 'y']]) }],
    filterMappings: [
      {
        filterName: 'f',
        patterns: ['/*'],
        servletNames: ['s', '*'],
        dispatchers: new Set(['FORWARD', 'ERROR']),
      },
    ],
    welcomeFiles: ['start.do', 'a/index.html'],
    errorPages: [
      { status: 404, exceptionType: null, location: '/404' },
      { status: null, exceptionType: 'com.example.Missing', location: '/missing' },
      { status: null, exceptionType: null, location: '/all?x=y' },
    ],
    session: {
      timeout: 0,
      cookie: {
        name: 'sid',
        domain: 'example.com',
        path: '/',
        httpOnly: false,
        secure: true,
        maxAge: 60,
        attributes: new Map([
          ['SameSite', 'None'],
          ['Partitioned', ''],
        ]),
      },
      tracking: new Set(['COOKIE', 'URL']),
    },
    mimeTypes: new Map([['txt', 'text/plain;charset=UTF-8']]),
    requestEncoding: 'EUC-KR',
    responseEncoding: 'ISO-8859-1',
  });
});

test('descriptors of all times and with any prefix are read', () => {
  for (const root of [
    '<web-app>',
    '<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="2.5" id="w">',
    '<web-app xmlns="http://xmlns.jcp.org/xml/ns/javaee" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" version="3.1" metadata-complete="true">',
    '<!DOCTYPE web-app PUBLIC "-//Sun Microsystems, Inc.//DTD Web Application 2.3//EN" "http://java.sun.com/dtd/web-app_2_3.dtd"><web-app>',
    '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<!-- words --><web-app>',
  ]) {
    const { model: read, problems } = readWebXml(
      `${root}<display-name><![CDATA[a<b]]> &amp; c</display-name></web-app>`,
      'x',
    );
    assert.deepEqual(problems, [], root);
    assert.equal(read?.displayName, 'a<b & c');
  }
  const prefixed = `<j:web-app xmlns:j="https://jakarta.ee/xml/ns/jakartaee"><j:display-name>a</j:display-name></j:web-app>`;
  assert.equal(readWebXml(prefixed, 'x').model?.displayName, 'a');
});

test('what is no XML, or means something outside of the text, is told with its place', () => {
  const entities =
    '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><web-app>&b;</web-app>';
  const outside = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><web-app>&a;</web-app>';
  for (const text of [
    '',
    ' ',
    'text',
    '<web-app>',
    '<web-app></web-ap>',
    '<web-app/><web-app/>',
    '<web-app a=1/>',
    '<web-app><x:y/></web-app>',
    '<web-app>&nbsp;</web-app>',
    '<web-app>\0</web-app>',
    entities,
    outside,
    `<web-app>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</web-app>`,
  ]) {
    const { model: read, problems } = readWebXml(text, '/a/web.xml');
    assert.equal(read, null, text.slice(0, 60));
    assert.equal(problems.length, 1);
    for (const { code, line = 0, column = 0 } of problems) {
      assert.equal(code, 'syntax');
      assert.ok(line >= 1 && column >= 1);
    }
  }
  const place = readWebXml('<web-app>\n  <servlet>\n  </servlt>\n</web-app>', 'x').problems[0];
  assert.equal(place?.line, 3);
});

test('a megabyte of anything is read in no time to speak of', () => {
  const param = '<param-name>a</param-name><param-value>b</param-value>';
  const many = `<context-param>${param}</context-param>`;
  assert.equal(faults(many.repeat(5000)).length, 4999);
  const long = model(`<display-name>${'x'.repeat(1_000_000)}</display-name>`);
  assert.equal(long.displayName?.length, 1_000_000);
});

test('an element is found where its attributes stand on lines of their own', () => {
  const { problems } = readWebXml('<web-app>\n\n<listener\n  id="a"/></web-app>', 'x');
  assert.deepEqual([problems[0]?.line, problems[0]?.column], [3, 1]);
});

test('another document is told apart', () => {
  const { model: read, problems } = readWebXml('<server/>', 'x');
  assert.equal(read, null);
  assert.equal(problems[0]?.object, '<server>');
});

test('unknown elements are told with what may have been meant, what is not supported as such', () => {
  assert.deepEqual(faults('<servlt-mapping/>\n<listener/>\n  <security-constraint/>'), [
    '2:1 unknown-key <servlt-mapping> No element of this name belongs here',
    '3:1 not-available <listener> This version does not do what the element asks for',
    '4:3 not-available <security-constraint> This version does not do what the element asks for',
  ]);
  assert.equal(
    readWebXml('<web-app><servlt-mapping/></web-app>', 'x').problems[0]?.cure,
    'Did you mean <servlet-mapping>?',
  );
  // A name of the language is a name.
  assert.match(faults('<constructor/>')[0] ?? '', /unknown-key <constructor>/);
  assert.match(faults('stray words')[0] ?? '', /wrong-form .*Text stands between the elements/);
});

test('a page in the place of a class is not supported yet', () => {
  const page = '<servlet><servlet-name>a</servlet-name><jsp-file>/a.jsp</jsp-file></servlet>';
  assert.match(faults(page).join('\n'), /^2:40 not-available <jsp-file>\/a\.jsp<\/jsp-file>/);
});

for (const [title, content, expected] of [
  [
    'a servlet without a name',
    '<servlet><servlet-class>A</servlet-class></servlet>',
    /missing-key <servlet> It has no <servlet-name>/,
  ],
  [
    'a servlet without a class',
    '<servlet><servlet-name>a</servlet-name></servlet>',
    /missing-key <servlet> a It has no <servlet-class>/,
  ],
  ['an empty name', servlet(''), /wrong-form <servlet-name> The element is empty/],
  [
    'a servlet twice',
    servlet('a') + servlet('a'),
    /duplicate <servlet-name>a<\/servlet-name> The name is taken/,
  ],
  ['a class twice', servlet('a', '<servlet-class>B</servlet-class>'), /duplicate <servlet-class>B/],
  [
    'a mapping of nothing',
    mapping('a', '/a'),
    /unknown-reference <servlet-name>a<\/servlet-name> No servlet/,
  ],
  [
    'a mapping to nothing',
    servlet('a') + mapping('a'),
    /missing-key <servlet-mapping> a It has no <url-pattern>/,
  ],
  [
    'a pattern twice',
    servlet('a') + servlet('b') + mapping('a', '/x') + mapping('b', '/x'),
    /duplicate <url-pattern>\/x<\/url-pattern> The pattern leads to a since line 2/,
  ],
  [
    'a pattern twice for one servlet',
    servlet('a') + mapping('a', '/x', '/%78'),
    /duplicate .*leads to a/,
  ],
  [
    'a pattern without a slash',
    servlet('a') + mapping('a', 'x'),
    /wrong-form .*Neither \/ nor \*\. stands at its beginning/,
  ],
  [
    'path and ending in one',
    servlet('a') + mapping('a', '/x/*.do'),
    /Path and ending cannot be matched together/,
  ],
  [
    'a slash in an ending',
    servlet('a') + mapping('a', '*.do/x'),
    /A pattern for an ending has a slash/,
  ],
  [
    'a line end in a pattern',
    servlet('a') + mapping('a', '/a&#10;b'),
    /It has a line end or a NUL in it/,
  ],
  ['a broken escape', servlet('a') + mapping('a', '/a%zz'), /It has an escape that is none/],
  [
    'a filter of nothing',
    '<filter-mapping><filter-name>f</filter-name><url-pattern>/*</url-pattern></filter-mapping>',
    /unknown-reference .*No filter/,
  ],
  [
    'a filter to nothing',
    '<filter><filter-name>f</filter-name><filter-class>F</filter-class></filter><filter-mapping><filter-name>f</filter-name></filter-mapping>',
    /missing-key <filter-mapping> f The filter is mapped to nothing/,
  ],
  [
    'a filter for a servlet that is not there',
    '<filter><filter-name>f</filter-name><filter-class>F</filter-class></filter><filter-mapping><filter-name>f</filter-name><servlet-name>x</servlet-name></filter-mapping>',
    /unknown-reference <servlet-name>x/,
  ],
  [
    'a dispatcher of no kind',
    '<filter><filter-name>f</filter-name><filter-class>F</filter-class></filter><filter-mapping><filter-name>f</filter-name><url-pattern>/*</url-pattern><dispatcher>request</dispatcher></filter-mapping>',
    /not-a-choice <dispatcher>request/,
  ],
  [
    'a number in words',
    servlet('a', '<load-on-startup>first</load-on-startup>'),
    /wrong-form <load-on-startup>first/,
  ],
  [
    'a number that is too large',
    servlet('a', '<load-on-startup>99999999999</load-on-startup>'),
    /out-of-range/,
  ],
  [
    'half a number',
    '<session-config><session-timeout>1.5</session-timeout></session-config>',
    /wrong-form <session-timeout>1\.5/,
  ],
  [
    'no number',
    '<session-config><session-timeout></session-timeout></session-config>',
    /wrong-form <session-timeout>/,
  ],
  [
    'two configurations of sessions',
    '<session-config/><session-config/>',
    /duplicate <session-config>/,
  ],
  [
    'a name that no cookie has',
    '<session-config><cookie-config><name>a b</name></cookie-config></session-config>',
    /wrong-form <name>a b/,
  ],
  [
    'a path that leaves its cookie',
    '<session-config><cookie-config><path>/; Domain=x</path></cookie-config></session-config>',
    /wrong-form <path>/,
  ],
  [
    'neither yes nor no',
    '<session-config><cookie-config><secure>yes</secure></cookie-config></session-config>',
    /not-a-choice <secure>yes/,
  ],
  [
    'ids that travel in TLS',
    '<session-config><tracking-mode>SSL</tracking-mode></session-config>',
    /not-available <tracking-mode>SSL/,
  ],
  [
    'ids that travel by post',
    '<session-config><tracking-mode>cookie</tracking-mode></session-config>',
    /not-a-choice <tracking-mode>cookie/,
  ],
  [
    'a status that is no error',
    '<error-page><error-code>399</error-code><location>/a</location></error-page>',
    /out-of-range <error-code>399/,
  ],
  [
    'a status above all',
    '<error-page><error-code>600</error-code><location>/a</location></error-page>',
    /out-of-range <error-code>600/,
  ],
  [
    'a page for two',
    '<error-page><error-code>404</error-code><exception-type>A</exception-type><location>/a</location></error-page>',
    /two-actions/,
  ],
  [
    'a page without a place',
    '<error-page><error-code>404</error-code></error-page>',
    /missing-key <error-page> It has no <location>/,
  ],
  [
    'a place without a slash',
    '<error-page><location>a</location></error-page>',
    /wrong-form <location>a<\/location>/,
  ],
  [
    'two pages for one status',
    '<error-page><error-code>404</error-code><location>/a</location></error-page><error-page><error-code>404</error-code><location>/b</location></error-page>',
    /duplicate <error-page>/,
  ],
  [
    'a welcome file with a slash in front',
    '<welcome-file-list><welcome-file>/a</welcome-file></welcome-file-list>',
    /wrong-form <welcome-file>\/a/,
  ],
  [
    'a media type that is none',
    '<mime-mapping><extension>a</extension><mime-type>text</mime-type></mime-mapping>',
    /wrong-form <mime-type>text/,
  ],
  [
    'a media type with a line end',
    '<mime-mapping><extension>a</extension><mime-type>text/a&#13;&#10;X: y</mime-type></mime-mapping>',
    /wrong-form <mime-type>/,
  ],
  [
    'a media type with a line end between its parameters',
    '<mime-mapping><extension>a</extension><mime-type>text/a;&#13;&#10;b=c</mime-type></mime-mapping>',
    /wrong-form <mime-type>/,
  ],
  [
    'a parameter twice',
    '<context-param><param-name>a</param-name><param-value>1</param-value></context-param><context-param><param-name>a</param-name><param-value>2</param-value></context-param>',
    /duplicate <param-name>a/,
  ],
  [
    'a charset that nobody can write',
    '<response-character-encoding>UTF-16</response-character-encoding>',
    /not-a-choice <response-character-encoding>/,
  ],
  [
    'a charset that nobody knows',
    '<request-character-encoding>UTF-9</request-character-encoding>',
    /not-a-choice/,
  ],
] as const) {
  test(`${title} is told`, () => {
    const told = faults(content);
    assert.equal(told.length, 1, told.join('\n'));
    assert.match(told[0] ?? '', expected);
    assert.match(told[0] ?? '', /^2:[0-9]+ /);
  });
}

test('boundaries of numbers are inside', () => {
  for (const value of ['0', '-1', '+5', '35791394', '-2147483648']) {
    const read = model(
      `<session-config><session-timeout>${value}</session-timeout></session-config>`,
    );
    assert.equal(read.session.timeout, Number(value));
  }
  assert.match(
    faults('<session-config><session-timeout>35791395</session-timeout></session-config>')[0] ?? '',
    /out-of-range/,
  );
  for (const status of [400, 599]) {
    const page = `<error-page><error-code>${status}</error-code><location>/a</location></error-page>`;
    assert.equal(model(page).errorPages[0]?.status, status);
  }
});

test('patterns are decoded; those with a star that means nothing are noted', () => {
  const read = model(servlet('a') + mapping('a', '/caf%C3%A9/*', '/a b', '/%25'));
  assert.deepEqual(
    read.servletMappings.map(({ pattern }) => pattern),
    ['/café/*', '/a b', '/%'],
  );
  const noted = model(servlet('a') + mapping('a', '/a*', '/a/*/b', '/*/*'), 3);
  assert.equal(noted.servletMappings.length, 3);
});

test('a servlet that is switched off goes with its mappings', () => {
  const read = model(
    servlet('a', '<enabled>false</enabled>') +
      servlet('b') +
      mapping('a', '/a') +
      mapping('b', '/b'),
  );
  assert.deepEqual(
    read.servlets.map(({ name }) => name),
    ['b'],
  );
  assert.deepEqual(read.servletMappings, [{ pattern: '/b', servletName: 'b' }]);
});

test('an empty list of welcome files is none', () => {
  assert.deepEqual(model('<welcome-file-list/>').welcomeFiles, []);
  const two = model(
    '<welcome-file-list><welcome-file>a</welcome-file></welcome-file-list><welcome-file-list><welcome-file>b</welcome-file></welcome-file-list>',
  );
  assert.deepEqual(two.welcomeFiles, ['a', 'b']);
});

test('the last of two media types counts', () => {
  const type = (name: string): string =>
    `<mime-mapping><extension>a</extension><mime-type>${name}</mime-type></mime-mapping>`;
  assert.equal(model(type('a/b') + type('c/d'), 1).mimeTypes.get('a'), 'c/d');
});

test('everything that is wrong is told at once, each in its place', () => {
  const told = faults(`<listener/>
<servlet><servlet-name>a</servlet-name></servlet>
<servlet-mapping>
  <servlet-name>b</servlet-name>
  <url-pattern>x</url-pattern>
</servlet-mapping>
<error-page><error-code>1</error-code></error-page>
<unknown/>`);
  assert.deepEqual(
    told.map((line) => line.slice(0, line.indexOf(' '))),
    ['2:1', '3:1', '5:3', '6:3', '8:1', '8:13', '9:1'],
  );
});

test('the last of two parameters of the application counts, and it is noted', () => {
  const param = (value: string): string =>
    `<context-param><param-name>a</param-name><param-value>${value}</param-value></context-param>`;
  assert.equal(model(param('1') + param('2'), 1).contextParams.get('a'), '2');
});

test('the last of two error pages counts, and it is noted', () => {
  const page = (inside: string, at: string): string =>
    `<error-page>${inside}<location>${at}</location></error-page>`;
  for (const inside of ['', '<error-code>404</error-code>', '<exception-type>A</exception-type>']) {
    const { errorPages } = model(page(inside, '/a') + page(inside, '/b'), 1);
    assert.deepEqual(
      errorPages.map(({ location }) => location),
      ['/b'],
    );
  }
});

test('a status that is wrong is no other one', () => {
  const page = (status: string): string =>
    `<error-page><error-code>${status}</error-code><location>/a</location></error-page>`;
  assert.equal(faults(page('1') + page('500') + page('x')).length, 2);
});

test('elements that mean nothing here may be there', () => {
  model(
    '<deny-uncovered-http-methods/><distributable/><distributable/><ordering><after/></ordering>',
  );
  const unused = '<default-context-path>/a</default-context-path><module-name>a</module-name>';
  assert.equal(model(unused, 2).displayName, null);
});

for (const name of [
  'listener',
  'security-constraint',
  'login-config',
  'security-role',
  'jsp-config',
  'taglib',
  'resource-ref',
  'resource-env-ref',
  'env-entry',
  'ejb-ref',
  'ejb-local-ref',
  'service-ref',
  'message-destination',
  'message-destination-ref',
  'persistence-context-ref',
  'persistence-unit-ref',
  'data-source',
  'mail-session',
  'jms-connection-factory',
  'jms-destination',
  'connection-factory',
  'administered-object',
  'post-construct',
  'pre-destroy',
  'locale-encoding-mapping-list',
]) {
  test(`<${name}> is refused with its place`, () => {
    const told = faults(`<${name}><x/></${name}>`);
    assert.deepEqual(told, [
      `2:1 not-available <${name}> This version does not do what the element asks for`,
    ]);
  });
}
