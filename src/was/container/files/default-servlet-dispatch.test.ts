import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  type MemoryServletModel,
  MemoryServletResponse,
} from '../../../../test/support/memory-servlet.ts';
import { range, StaticApplication } from '../../../../test/support/static-application.ts';
import { ManualClock } from '../../../base/index.ts';
import { ERROR_ATTRIBUTES, IllegalStateException, INCLUDE_ATTRIBUTES } from '../../api/index.ts';
import { DefaultServlet, FileNotFoundException } from './default-servlet.ts';
import { Resources } from './resources.ts';

let application: StaticApplication;

before(() => {
  application = new StaticApplication(
    (root, mediaType) =>
      new DefaultServlet({
        resources: new Resources(root),
        mediaType,
        clock: new ManualClock(1_800_000_000_000),
        random: () => 0.5,
      }),
  );
});

describe('a file that is included', () => {
  function included(path: string, more: MemoryServletModel = {}): MemoryServletModel {
    const attributes = {
      [INCLUDE_ATTRIBUTES.servletPath]: path,
      [INCLUDE_ATTRIBUTES.pathInfo]: null,
    };
    return { dispatcher: 'INCLUDE', attributes, ...more };
  }

  function page(): MemoryServletResponse {
    const response = new MemoryServletResponse();
    response.included = true;
    return response;
  }

  test('adds its bytes and nothing else, whatever the client asked of the page', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT']) {
      const fields = { range: 'bytes=0-0', 'if-none-match': '*' };
      const answer = await application.ask(
        '/page',
        included('/ten.txt', { method, fields }),
        page(),
      );
      assert.deepEqual([answer.status, answer.body, answer.fields], [200, '0123456789', {}]);
    }
  });

  test('is the one of the request where it was included by name', async () => {
    const answer = await application.ask('/ten.txt', { dispatcher: 'INCLUDE' }, page());
    assert.equal(answer.body, '0123456789');
  });

  test('goes into a writer that the page has', async () => {
    const response = page();
    response.setCharacterEncoding('UTF-8');
    response.getWriter().write('(');
    await application.ask('/page', included('/utf8.txt'), response);
    assert.equal(response.body, Buffer.from('(grün').toString('latin1'));
  });

  test('keeps characters whole where two bits of it meet, and tells of one that is cut off', async () => {
    const text = `${'x'.repeat(262_143)}ü${'y'.repeat(10)}`;
    application.put('cut.txt', Buffer.concat([Buffer.from(text), Buffer.from([0xc3])]));
    for (const encoding of ['UTF-8', 'ISO-8859-1']) {
      const response = page();
      response.setCharacterEncoding(encoding);
      response.getWriter();
      await application.ask('/page', included('/cut.txt'), response);
      const bytes = Buffer.from(`${text}\ufffd`, encoding === 'UTF-8' ? 'utf8' : 'latin1');
      assert.ok(Buffer.concat(response.chunks).equals(bytes), encoding);
    }
    application.put('cut16.txt', Buffer.from([0xff, 0xfe, 0x67, 0, 0x75]));
    const cut = page();
    cut.encoding = 'UTF-8';
    await application.ask('/page', included('/cut16.txt'), cut);
    assert.equal(cut.body, Buffer.from('g\ufffd').toString('latin1'));
  });

  test('that is no text does not', async () => {
    const response = page();
    response.getWriter();
    await assert.rejects(
      application.ask('/page', included('/image.png'), response),
      IllegalStateException,
    );
    assert.deepEqual(application.openFiles(), []);
  });

  test('loses its byte order mark', async () => {
    const answer = await application.ask('/page', included('/bom.txt'), page());
    assert.equal(answer.body, Buffer.from('grün').toString('latin1'));
  });

  test('of UTF-16 becomes what the page is written in', async () => {
    assert.equal((await application.ask('/page', included('/utf16.txt'), page())).body, 'gr\xfcn');
    assert.equal((await application.ask('/page', included('/utf16be.txt'), page())).body, 'g\xfc');
  });

  test('can be a source of the application, but never that of a page', async () => {
    assert.equal(
      (await application.ask('/', included('/WEB-INF/x.txt'), page())).body,
      'in WEB-INF',
    );
    for (const path of ['/WEB-INF/page.jsp', '/page.jsp']) {
      await assert.rejects(application.ask('/', included(path), page()), FileNotFoundException);
    }
  });

  test('and is not there is an error of the page', async () => {
    for (const path of ['/missing', '/dir', '/dir/', '/link.txt', '/ten.txt/']) {
      await assert.rejects(
        application.ask('/', included(path), page()),
        FileNotFoundException,
        path,
      );
    }
  });
});

describe('a file that is forwarded to', () => {
  test('may be hidden from clients, and answers a POST', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await application.ask('/WEB-INF/x.txt', { dispatcher: 'FORWARD', method });
      assert.deepEqual([answer.status, answer.body], [200, 'in WEB-INF']);
    }
    assert.equal(
      (await application.ask('/ten.txt', { dispatcher: 'FORWARD', method: 'PUT' })).error,
      405,
    );
  });

  test('that is the source of a page stays here', async () => {
    for (const path of ['/page.jsp', '/WEB-INF/page.jsp']) {
      assert.equal((await application.ask(path, { dispatcher: 'FORWARD' })).error, 404);
    }
  });

  test('takes conditions and ranges of a GET only where it is the whole answer', async () => {
    const asked = { dispatcher: 'FORWARD', fields: { range: 'bytes=0-0' } } as const;
    assert.equal((await application.ask('/ten.txt', asked)).status, 206);
    const posted = { range: 'bytes=0-0', 'if-none-match': '*', 'if-match': '"x"' };
    const sent = await application.ask('/ten.txt', { ...asked, method: 'POST', fields: posted });
    assert.deepEqual([sent.status, sent.body], [200, '0123456789']);
    const failed = new MemoryServletResponse();
    failed.setStatus(404);
    assert.deepEqual(
      [(await application.ask('/ten.txt', asked, failed)).status, failed.length],
      [404, 10],
    );
    const begun = new MemoryServletResponse();
    begun.getOutputStream().write('(');
    const fields = { range: 'bytes=0-0', 'if-none-match': '*' };
    await application.ask('/ten.txt', { dispatcher: 'FORWARD', fields }, begun);
    assert.deepEqual([begun.status, begun.length, begun.body], [200, null, '(0123456789']);
  });
});

describe('a file that is the page of an error', () => {
  const attributes = { [ERROR_ATTRIBUTES.statusCode]: 503 };

  test('is sent whole with the status of the error, whatever the method', async () => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const response = new MemoryServletResponse();
      response.setStatus(503);
      const fields = { range: 'bytes=0-0', 'if-none-match': '*', 'if-match': '"x"' };
      await application.ask(
        '/WEB-INF/x.txt',
        { dispatcher: 'ERROR', attributes, method, fields },
        response,
      );
      assert.deepEqual([response.status, response.body], [503, 'in WEB-INF']);
      assert.deepEqual(response.fields, { 'content-type': 'text/plain' });
    }
  });

  test('and is missing leaves the error as it is', async () => {
    for (const path of ['/missing', '/dir', '/dir/', '/page.jsp']) {
      assert.equal(
        (await application.ask(path, { dispatcher: 'ERROR', attributes })).error,
        503,
        path,
      );
    }
  });
});

describe('charsets', () => {
  test('a file is UTF-8, and becomes what a filter has promised', async () => {
    const response = new MemoryServletResponse();
    response.setCharacterEncoding('ISO-8859-1');
    await application.ask('/utf8.txt', range('0-0'), response);
    assert.deepEqual([response.status, response.body, response.length], [200, 'gr\xfcn', null]);
  });

  test('UTF-8 that was promised, and what is no text, stay as they are', async () => {
    const response = new MemoryServletResponse();
    response.setCharacterEncoding('UTF-8');
    await application.ask('/bom.txt', {}, response);
    assert.deepEqual([response.chunks.length, response.length], [1, 8]);
    const image = new MemoryServletResponse();
    image.setCharacterEncoding('ISO-8859-1');
    assert.equal((await application.ask('/image.png', {}, image)).length, 3);
  });

  test('a charset that the type of the file names is that of the file', async () => {
    const answer = await application.ask('/declared.latin');
    assert.deepEqual([answer.body, answer.length], ['gr\xfcn', 4]);
  });
});
