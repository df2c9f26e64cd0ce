import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DESCRIPTOR = `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet>
    <servlet-name>echo</servlet-name><servlet-class>example.Echo</servlet-class>
    <multipart-config><file-size-threshold>1024</file-size-threshold></multipart-config>
  </servlet>
  <servlet><servlet-name>visits</servlet-name><servlet-class>example.Visits</servlet-class></servlet>
  <servlet><servlet-name>send</servlet-name><servlet-class>example.Send</servlet-class></servlet>
  <servlet-mapping><servlet-name>echo</servlet-name><url-pattern>/echo/*</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>visits</servlet-name><url-pattern>/visits</url-pattern></servlet-mapping>
  <servlet-mapping><servlet-name>send</servlet-name><url-pattern>/send/*</url-pattern></servlet-mapping>
</web-app>
`;

const IMPORT = `import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'daemun/servlet';`;

const ECHO = `import { createHash } from 'node:crypto';
${IMPORT}
export default class Echo extends HttpServlet {
  override async service(request: HttpServletRequest, response: HttpServletResponse): Promise<void> {
    const type = request.getContentType() ?? '';
    const told: Record<string, unknown> = {
      method: request.getMethod(),
      uri: request.getRequestURI(),
      pathInfo: request.getPathInfo(),
      query: request.getQueryString(),
      server: request.getServerName() + ':' + request.getServerPort(),
      remote: request.getRemoteAddr(),
      secure: request.isSecure(),
      headers: request.getHeaderNames().map((name) => [name.toLowerCase(), ...request.getHeaders(name)]),
    };
    told['parameters'] = [...request.getParameterMap()];
    if (type.startsWith('multipart/form-data')) {
      const parts = [];
      for (const part of await request.getParts()) {
        const hash = createHash('sha256');
        for await (const bytes of part.getInputStream()) hash.update(bytes);
        parts.push([part.getName(), part.getSubmittedFileName(), part.getSize(), hash.digest('hex')]);
      }
      told['parts'] = parts;
    } else {
      const hash = createHash('sha256');
      let length = 0;
      for await (const bytes of request.getInputStream()) {
        hash.update(bytes);
        length += bytes.length;
      }
      told['body'] = length + ' ' + hash.digest('hex');
    }
    response.setContentType('application/json');
    response.getWriter().write(JSON.stringify(told));
  }
}
`;

const VISITS = `${IMPORT}
export default class Visits extends HttpServlet {
  override doGet(request: HttpServletRequest, response: HttpServletResponse): void {
    const session = request.getSession();
    const visits = Number(session.getAttribute('visits') ?? 0) + 1;
    session.setAttribute('visits', visits);
    response.setContentType('text/plain');
    response.getWriter().write(visits + ' VERSION');
  }
}
`;

const SEND = `${IMPORT}
const PIECE = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) & 0xff);
export default class Send extends HttpServlet {
  override async doGet(request: HttpServletRequest, response: HttpServletResponse): Promise<void> {
    let left = Number((request.getPathInfo() ?? '/0').slice(1));
    const output = response.getOutputStream();
    while (left > 0) {
      output.write(PIECE.subarray(0, Math.min(left, PIECE.length)));
      left -= PIECE.length;
      await output.ready();
    }
  }
}
`;

/**
 * Writes an application: `/echo/` tells a request as JSON, `/visits` counts those of a session and names its version,
 * `/send/N` answers with N bytes.
 */
export function writeEchoApplication(root: string, version = 'one'): void {
  const files = {
    'WEB-INF/web.xml': DESCRIPTOR,
    'WEB-INF/classes/example/Echo.ts': ECHO,
    'WEB-INF/classes/example/Visits.ts': VISITS.replace('VERSION', version),
    'WEB-INF/classes/example/Send.ts': SEND,
    'index.html': '<h1>home</h1>',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}
