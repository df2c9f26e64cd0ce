import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { MemoryServletResponse } from '../../../../test/support/memory-servlet.ts';
import { pattern, range, StaticApplication } from '../../../../test/support/static-application.ts';
import { ManualClock } from '../../../base/index.ts';
import { DefaultServlet } from './default-servlet.ts';
import { Resources } from './resources.ts';

const MODIFIED = 'Tue, 14 Nov 2023 22:13:20 GMT';
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

describe('a file', () => {
  test('comes with what it can be recognised by', async () => {
    const answer = await application.ask('/ten.txt');
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '0123456789');
    assert.equal(answer.length, 10);
    assert.deepEqual(answer.fields, {
      'accept-ranges': 'bytes',
      etag: 'W/"10-1700000000123"',
      'last-modified': MODIFIED,
      'content-type': 'text/plain',
    });
  });

  test('is found by servlet path and path info together', async () => {
    assert.equal((await application.ask('/dir', { pathInfo: '/x.txt' })).body, 'in dir');
    assert.equal((await application.ask('', { pathInfo: '/ten.txt' })).body, '0123456789');
  });

  test('of an unknown type is bytes, so that no browser guesses', async () => {
    assert.equal(
      (await application.ask('/unknown')).fields['content-type'],
      'application/octet-stream',
    );
  });

  test('keeps a type that a filter has set', async () => {
    const response = new MemoryServletResponse();
    response.setContentType('text/x-special');
    assert.equal(
      (await application.ask('/ten.txt', {}, response)).fields['content-type'],
      'text/x-special',
    );
  });

  test('without bytes has an empty body of length 0', async () => {
    const answer = await application.ask('/zero.txt');
    assert.deepEqual([answer.status, answer.length, answer.body], [200, 0, '']);
  });

  test('of HEAD has the same head and no body', async () => {
    const answer = await application.ask('/ten.txt', { method: 'HEAD' });
    assert.deepEqual([answer.status, answer.length, answer.chunks.length], [200, 10, 0]);
    assert.deepEqual(answer.fields, (await application.ask('/ten.txt')).fields);
  });

  for (const size of [65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 524_288, 600_001]) {
    test(`of ${size} bytes arrives whole`, async () => {
      const bytes = pattern(size);
      application.put('sized.bin', bytes);
      const answer = await application.ask('/sized.bin');
      assert.equal(answer.length, size);
      assert.ok(Buffer.concat(answer.chunks).equals(bytes));
      const bits = size <= 65_536 ? 1 : Math.ceil(size / 262_144);
      assert.equal(answer.chunks.length, bits);
      const part = await application.ask('/sized.bin', range('1-'));
      assert.ok(Buffer.concat(part.chunks).equals(bytes.subarray(1)));
    });
  }

  test('that is large waits for the client before each bit', async () => {
    application.put('sized.bin', pattern(600_001));
    const response = new MemoryServletResponse();
    const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const written: number[] = [];
    for (const { promise } of gates) {
      response.waits.push(() => {
        written.push(response.chunks.length);
        return promise;
      });
    }
    const done = application.ask('/sized.bin', {}, response);
    for (const { resolve } of gates) resolve();
    await done;
    assert.deepEqual(written, [0, 1, 2]);
  });
});

describe('what is refused', () => {
  for (const path of [
    '/missing',
    '/ten.txt/',
    '/ten.txt/x',
    '/link.txt',
    '/pipe.txt',
    '/dir/',
    '/',
  ]) {
    test(`${path} is 404`, async () => {
      const answer = await application.ask(path);
      assert.equal(answer.error, 404);
      assert.deepEqual(answer.fields, {});
    });
  }

  for (const path of [
    '/WEB-INF/x.txt',
    '/WEB-INF',
    '/.hidden/x.txt',
    '/node_modules/x.txt',
    '/page.jsp',
  ]) {
    test(`${path} is 404 for every method, which does not tell that it is there`, async () => {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'MADEUP']) {
        const answer = await application.ask(path, { method });
        assert.equal(answer.error, 404, method);
      }
    });
  }

  test('the well-known folder is not hidden', async () => {
    assert.equal((await application.ask('/.well-known/x.txt')).body, 'in .well-known');
  });

  test('methods that change something are 405, others 501', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await application.ask('/ten.txt', { method });
      assert.deepEqual([answer.error, answer.fields['allow']], [405, 'GET, HEAD, OPTIONS']);
    }
    for (const method of ['MADEUP', 'get', 'TRACE']) {
      assert.equal((await application.ask('/ten.txt', { method })).error, 501);
    }
  });

  test('OPTIONS tells the methods', async () => {
    const answer = await application.ask('/ten.txt', { method: 'OPTIONS' });
    assert.deepEqual([answer.status, answer.fields['allow']], [200, 'GET, HEAD, OPTIONS']);
  });
});

describe('a directory without its slash', () => {
  const cases: readonly (readonly [uri: string, query: string | null, location: string])[] = [
    ['/shop/dir', null, '/shop/dir/'],
    ['/dir', 'a=b&c', '/dir/?a=b&c'],
    ['/dir', '', '/dir/?'],
    ['/dir;a=b', 'q', '/dir;a=b/?q'],
    ['/d%69r', null, '/d%69r/'],
    ['//evil.example/../dir', null, '/evil.example/../dir/'],
    ['///dir', null, '/dir/'],
    ['/\\evil.example/../dir', null, '/evil.example/../dir/'],
  ];
  for (const [uri, query, location] of cases) {
    test(`${uri} with query ${query} leads to ${location}`, async () => {
      const answer = await application.ask('/dir', { uri, query });
      assert.deepEqual([answer.status, answer.location], [302, location]);
    });
  }

  test('the root of an application', async () => {
    assert.equal((await application.ask('', { uri: '/shop' })).location, '/shop/');
  });
});

describe('conditions', () => {
  const ETAG = 'W/"10-1700000000123"';
  const cases: readonly (readonly [field: string, value: string, status: number])[] = [
    ['if-none-match', ETAG, 304],
    ['if-none-match', '"10-1700000000123"', 304],
    ['if-none-match', '*', 304],
    ['if-none-match', `"x", ${ETAG}`, 304],
    ['if-none-match', '"x"', 200],
    ['if-match', '*', 200],
    ['if-match', ETAG, 412],
    ['if-match', '"x"', 412],
    ['if-modified-since', 'Tue, 14 Nov 2023 22:13:19 GMT', 200],
    ['if-modified-since', MODIFIED, 304],
    ['if-modified-since', 'Tue, 14 Nov 2023 22:13:21 GMT', 304],
    ['if-modified-since', 'garbage', 200],
    ['if-unmodified-since', 'Tue, 14 Nov 2023 22:13:19 GMT', 412],
    ['if-unmodified-since', MODIFIED, 200],
    ['if-unmodified-since', 'garbage', 200],
  ];
  for (const [field, value, status] of cases) {
    test(`${field}: ${value} is ${status}`, async () => {
      for (const method of ['GET', 'HEAD']) {
        const answer = await application.ask('/ten.txt', { method, fields: { [field]: value } });
        assert.equal(answer.status, status);
        assert.equal(answer.error, status === 412 ? 412 : null);
        if (status === 304) assert.deepEqual(answer.fields, { etag: ETAG });
        if (status === 304) assert.deepEqual([answer.body, answer.length], ['', null]);
      }
    });
  }

  test('tags in several fields are one list', async () => {
    assert.equal(
      (await application.ask('/ten.txt', { fields: { 'if-none-match': ['"x"', ETAG] } })).status,
      304,
    );
  });

  test('what is not there is 404 whatever the condition', async () => {
    assert.equal((await application.ask('/missing', { fields: { 'if-match': '*' } })).error, 404);
  });

  test('If-Range lets ranges through for the very date, never for a weak tag', async () => {
    const ranges: Readonly<Record<string, number>> = {
      [MODIFIED]: 206,
      'Tue, 14 Nov 2023 22:13:19 GMT': 200,
      'Tue, 14 Nov 2023 22:13:21 GMT': 200,
      [ETAG]: 200,
      garbage: 200,
    };
    for (const [value, status] of Object.entries(ranges)) {
      const answer = await application.ask('/ten.txt', {
        fields: { 'if-range': value, range: 'bytes=0-0' },
      });
      assert.equal(answer.status, status, value);
    }
  });
});

describe('ranges', () => {
  const single: readonly (readonly [range: string, body: string, contentRange: string])[] = [
    ['0-0', '0', 'bytes 0-0/10'],
    ['0-8', '012345678', 'bytes 0-8/10'],
    ['0-9', '0123456789', 'bytes 0-9/10'],
    ['0-10', '0123456789', 'bytes 0-9/10'],
    ['9-', '9', 'bytes 9-9/10'],
    ['-1', '9', 'bytes 9-9/10'],
    ['-10', '0123456789', 'bytes 0-9/10'],
    ['-11', '0123456789', 'bytes 0-9/10'],
    ['1-1,99-', '1', 'bytes 1-1/10'],
  ];
  for (const [asked, body, contentRange] of single) {
    test(`${asked} of ten bytes is ${contentRange}`, async () => {
      const answer = await application.ask('/ten.txt', range(asked));
      assert.deepEqual([answer.status, answer.body, answer.length], [206, body, body.length]);
      assert.equal(answer.fields['content-range'], contentRange);
      assert.equal(answer.fields['content-type'], 'text/plain');
      assert.equal(answer.fields['etag'], 'W/"10-1700000000123"');
    });
  }

  test('none behind the end is 416 with the length', async () => {
    for (const asked of ['10-', '10-10', '-0', '10-,11-']) {
      const answer = await application.ask('/ten.txt', range(asked));
      assert.deepEqual([answer.error, answer.fields['content-range']], [416, 'bytes */10'], asked);
      assert.equal(answer.fields['etag'], undefined);
      assert.deepEqual([answer.body, answer.length], ['', null]);
    }
  });

  test('what is no range of bytes, and more than there is, is ignored', async () => {
    for (const asked of ['', 'a-b', '5-4', '0-9,0-9']) {
      assert.equal((await application.ask('/ten.txt', range(asked))).status, 200, asked);
    }
    assert.equal(
      (await application.ask('/ten.txt', { fields: { range: 'lines=0-0' } })).status,
      200,
    );
    for (const asked of ['0-', '0-0', '1-', '-1', '-0']) {
      assert.equal((await application.ask('/zero.txt', range(asked))).status, 200, asked);
    }
  });

  test('HEAD ignores them', async () => {
    const answer = await application.ask('/ten.txt', { method: 'HEAD', ...range('0-0') });
    assert.deepEqual([answer.status, answer.length], [200, 10]);
  });

  test('several are parts of one body of the length that is told', async () => {
    const answer = await application.ask('/ten.txt', range('0-1,-1'));
    const boundary = '00000500000000000000';
    assert.equal(answer.status, 206);
    assert.equal(answer.fields['content-type'], `multipart/byteranges; boundary=${boundary}`);
    assert.equal(answer.fields['content-range'], undefined);
    assert.equal(
      answer.body,
      `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01` +
        `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n9` +
        `\r\n--${boundary}--\r\n`,
    );
    assert.equal(answer.length, answer.body.length);
  });

  test('several large ones are what they are told to be', async () => {
    const bytes = pattern(700_000);
    application.put('sized.bin', bytes);
    const answer = await application.ask('/sized.bin', range('0-299999,350000-699999'));
    assert.equal(answer.length, answer.body.length);
    assert.ok(answer.body.includes(bytes.subarray(0, 300_000).toString('latin1')));
    assert.ok(answer.body.includes(bytes.subarray(350_000).toString('latin1')));
  });
});
