/** The applications of the suite that compares what servlets see and say, as Tomcat gets them and as we do. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  JAVA_GATE,
  JAVA_PLAIN,
  JAVA_PROBE,
  OUR_GATE,
  OUR_PLAIN,
  OUR_PROBE,
} from './behaviour-programs.ts';

/** Where servlets are, in all of the applications; `named` has no path. */
const SERVLETS: Readonly<Record<string, readonly string[]>> = {
  a: ['/a/*'],
  b: ['/b/*'],
  c: ['*.c'],
  d: ['/d', '/deep/d'],
  named: [],
  err: ['/err/*'],
  /** Two that are unusable once they said so. */
  gone: ['/gone'],
  late: ['/late'],
  log: ['/log'],
  /** Of a class of its own. */
  plain: ['/plain'],
};

/** When files were last modified, in seconds: answers tell it. */
const MODIFIED = 1_700_000_000;

/** Files of each application, by path. */
const FILES: Readonly<Record<string, string>> = {
  'text.txt': 'a text',
  'page.html': '<p>a page</p>',
  'dir/page.html': '<p>deeper</p>',
};

const BY_COOKIE = '<session-config><tracking-mode>COOKIE</tracking-mode></session-config>';

const JAVA_CLASSES: Readonly<Record<string, string>> = {
  'WEB-INF/classes/Probe.java': JAVA_PROBE,
  'WEB-INF/classes/Plain.java': JAVA_PLAIN,
  'WEB-INF/classes/Gate.java': JAVA_GATE,
};

const OUR_CLASSES: Readonly<Record<string, string>> = {
  'WEB-INF/classes/Probe.ts': OUR_PROBE,
  'WEB-INF/classes/Plain.ts': OUR_PLAIN,
  'WEB-INF/classes/Gate.ts': OUR_GATE,
};

/** What is in their descriptors beside servlets, by the name of their context. */
export const APPLICATIONS: Readonly<Record<string, string>> = {
  /** Without an error page. */
  m: BY_COOKIE,
  pages: `
  <error-page><error-code>404</error-code><location>/err/404?from=page</location></error-page>
  <error-page><error-code>409</error-code><location>/page.html</location></error-page>
  <error-page><error-code>410</error-code><location>/missing.html</location></error-page>
  <error-page><error-code>411</error-code><location>/err/411</location></error-page>
  <error-page><error-code>500</error-code><location>/err/500</location></error-page>
  <error-page><exception-type>Sorry</exception-type><location>/err/sorry</location></error-page>
  <error-page><exception-type>java.lang.IllegalStateException</exception-type><location>/err/state</location></error-page>
  ${BY_COOKIE}`,
  any: `
  <error-page><location>/err/any</location></error-page>
  <error-page><exception-type>java.lang.Throwable</exception-type><location>/err/throwable</location></error-page>
  ${BY_COOKIE}`,
  /** Sessions by cookie and by URL. */
  url: `<session-config>
    <tracking-mode>COOKIE</tracking-mode><tracking-mode>URL</tracking-mode>
  </session-config>`,
  /** Sessions by URL alone. */
  'url-only': '<session-config><tracking-mode>URL</tracking-mode></session-config>',
  /** With filters: for requests, dispatches, a servlet by its name, and the pages of errors. */
  filters: `
  ${['f-first', 'f-second', 'f-dispatch', 'f-named', 'f-error']
    .map(
      (name) =>
        `<filter><filter-name>${name}</filter-name><filter-class>Gate</filter-class></filter>`,
    )
    .join('\n  ')}
  <filter-mapping>
    <filter-name>f-named</filter-name><servlet-name>named</servlet-name>
    <dispatcher>FORWARD</dispatcher><dispatcher>INCLUDE</dispatcher>
  </filter-mapping>
  <filter-mapping>
    <filter-name>f-first</filter-name><url-pattern>/a/*</url-pattern><url-pattern>/text.txt</url-pattern>
  </filter-mapping>
  <filter-mapping><filter-name>f-second</filter-name><url-pattern>/a/x</url-pattern></filter-mapping>
  <filter-mapping>
    <filter-name>f-dispatch</filter-name><url-pattern>/*</url-pattern>
    <dispatcher>FORWARD</dispatcher><dispatcher>INCLUDE</dispatcher>
  </filter-mapping>
  <filter-mapping>
    <filter-name>f-error</filter-name><url-pattern>/*</url-pattern><dispatcher>ERROR</dispatcher>
  </filter-mapping>
  <error-page><error-code>404</error-code><location>/err/404</location></error-page>
  <error-page><exception-type>Sorry</exception-type><location>/err/sorry</location></error-page>
  ${BY_COOKIE}`,
  /** Where addresses need escapes. */
  'ä b': BY_COOKIE,
  /** Sessions as nothing else is said. */
  plain: '',
  /** Sessions with another cookie. */
  cookie: `<session-config>
    <session-timeout>5</session-timeout>
    <cookie-config>
      <name>SID</name><domain>example.com</domain><path>/</path><http-only>false</http-only><secure>true</secure>
      <max-age>600</max-age><attribute><attribute-name>SameSite</attribute-name><attribute-value>Strict</attribute-value></attribute>
    </cookie-config>
    <tracking-mode>COOKIE</tracking-mode><tracking-mode>URL</tracking-mode>
  </session-config>`,
  latin: `${BY_COOKIE}
  <request-character-encoding>ISO-8859-1</request-character-encoding>
  <response-character-encoding>ISO-8859-1</response-character-encoding>`,
};

function descriptor(more: string): string {
  const servlets = Object.keys(SERVLETS).map(
    (name) =>
      `<servlet><servlet-name>${name}</servlet-name><servlet-class>${name === 'plain' ? 'Plain' : 'Probe'}</servlet-class></servlet>`,
  );
  const mappings = Object.entries(SERVLETS).flatMap(([name, patterns]) =>
    patterns.map(
      (pattern) =>
        `<servlet-mapping><servlet-name>${name}</servlet-name><url-pattern>${pattern}</url-pattern></servlet-mapping>`,
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  ${[...servlets, ...mappings].join('\n  ')}
  ${more}
</web-app>
`;
}

/**
 * Writes the applications into a directory. `compile` makes classes of the Java source in `folder`; without it the
 * applications are ours.
 */
export function writeApplications(directory: string, compile?: (folder: string) => void): void {
  for (const [name, more] of Object.entries(APPLICATIONS)) {
    const files = {
      ...FILES,
      'WEB-INF/web.xml': descriptor(more),
      ...(compile === undefined ? OUR_CLASSES : JAVA_CLASSES),
    };
    for (const [path, text] of Object.entries(files)) {
      const file = join(directory, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      utimesSync(file, MODIFIED, MODIFIED);
    }
  }
  compile?.(directory);
}
