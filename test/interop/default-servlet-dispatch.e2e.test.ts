/** Static files to which a servlet forwards, or which it includes: in Tomcat a page does the same. */
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/needs.ts';
import type { RawAnswer } from '../support/raw-client.ts';
import { type Difference, type Facts, factsOf, failed } from '../support/tomcat-files.ts';
import { TomcatPair, words } from '../support/tomcat-pair.ts';

/** Hands on to `p`, in the way that `k` says. */
const PAGE = `<%@ page session="false" contentType="text/plain; charset=utf-8" trimDirectiveWhitespaces="true" %><%
  if (request.getParameter("s") != null) response.setStatus(Integer.parseInt(request.getParameter("s")));
  RequestDispatcher dispatcher = request.getRequestDispatcher(request.getParameter("p"));
  if (request.getParameter("k").equals("forward")) dispatcher.forward(request, response);
  else try { dispatcher.include(request, response); } catch (java.io.FileNotFoundException e) { out.print("gone"); }
%>`;
const SERVLET = `import { HttpServlet } from 'daemun/servlet';
export default class Dispatch extends HttpServlet {
  async service(request, response) {
    response.setContentType('text/plain; charset=utf-8');
    const status = request.getParameter('s');
    if (status !== null) response.setStatus(Number(status));
    const dispatcher = request.getRequestDispatcher(request.getParameter('p'));
    if (request.getParameter('k') === 'forward') return dispatcher.forward(request, response);
    try { await dispatcher.include(request, response); } catch (error) {
      if (error.name !== 'FileNotFoundException') throw error;
      response.getWriter().print('gone');
    }
  }
}`;
const DESCRIPTOR = `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet><servlet-name>dispatch</servlet-name><servlet-class>Dispatch</servlet-class></servlet>
  <servlet-mapping><servlet-name>dispatch</servlet-name><url-pattern>/dispatch.jsp</url-pattern></servlet-mapping>
</web-app>`;

/** How much has been sent when a page ends, and with it whether its length is told, is the business of its container. */
function withoutLength(answer: RawAnswer): Facts {
  return { ...factsOf(answer), length: null };
}

const TYPE = 'text/plain;charset=utf-8';
const SOURCE = /\.tag|\.jspf/;

const BY_DISPATCHER: readonly Difference[] = [
  {
    reason: 'the source of a page is not sent for any servlet',
    applies: ({ target }) => SOURCE.test(target) && target.includes('k=forward'),
    ours: () => failed(404),
  },
  {
    reason:
      'a source or a directory that is included is an error of the page; Tomcat includes nothing of a directory',
    applies: ({ target, method }, { status }) =>
      (SOURCE.test(target) || /p=\/dir/.test(target)) &&
      target.includes('k=include') &&
      status === 200 &&
      method !== 'HEAD',
    ours: (theirs) => ({ ...theirs, body: 'gone' }),
  },
  {
    reason:
      'where there is no file, there is none whatever the condition (RFC 9110 section 13.2.1)',
    applies: ({ target }, { status }) =>
      status === 412 && /p=\/(?:missing|ten\.txt\/|link\.txt)$/.test(target),
    ours: () => failed(404),
  },
  {
    reason:
      'a type that the servlet has set stays for a part as well; Tomcat keeps it for the whole file alone',
    applies: (_, { status, type }) => status === 206 && type !== TYPE,
    ours: (theirs) => ({ ...theirs, type: TYPE }),
  },
];

describe('static files by a dispatcher as Tomcat serves them', { skip: needs('tomcat10') }, () => {
  let pair: TomcatPair;
  before(async () => {
    pair = await TomcatPair.start(
      { 'dispatch.jsp': PAGE },
      { 'WEB-INF/classes/Dispatch.js': SERVLET, 'WEB-INF/web.xml': DESCRIPTOR },
    );
  });
  after(() => pair.stop());

  function ask(method: string, target: string, more = ''): Promise<RawAnswer> {
    const fields = method === 'POST' ? `Content-Length: 0\r\n${more}` : more;
    return pair.assertSame({ method, target, fields }, BY_DISPATCHER, withoutLength);
  }

  test('files that a servlet forwards to or includes', async () => {
    const names = words(`
      /ten.txt /zero.txt /a.html /a.png /bom.html /missing /dir /dir/ /index/ /ten.txt/ /link.txt /WEB-INF/x.txt
      /META-INF/x.txt /.dot /.git/config /node_modules/n.js /part.tag /part.jspf /no-ending /edge.txt /large.txt
    `);
    for (const name of names) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        for (const status of ['', '&s=404']) {
          for (const kind of ['forward', 'include']) {
            await ask(method, `/dispatch.jsp?k=${kind}&p=${name}${status}`);
          }
        }
      }
      for (const fields of ['Range: bytes=1-1\r\n', 'If-None-Match: *\r\n', 'If-Match: "x"\r\n']) {
        await ask('GET', `/dispatch.jsp?k=forward&p=${name}`, fields);
        await ask('HEAD', `/dispatch.jsp?k=forward&p=${name}`, fields);
      }
      // What the client asks of the page is none of the part's business. Tomcat takes its Range for one.
      await ask('GET', `/dispatch.jsp?k=include&p=${name}`, 'If-None-Match: *\r\n');
    }
  });
});
