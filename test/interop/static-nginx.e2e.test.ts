/** Static files: the same tree served by nginx and by us, the same requests, the same answers. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { needs, peerPath } from '../support/needs.ts';
import {
  freePort,
  startDaemun,
  startNginx,
  temporaryDirectory,
  type TestProcess,
} from '../support/process.ts';
import { type RawAnswer, RawClient } from '../support/raw-client.ts';

const MANUAL = '/usr/share/doc/apache2-doc/manual';

/** What of an answer must be the same; the error pages differ by design, so bodies of errors do not count. */
function facts({ status, fields, body }: RawAnswer): Record<string, unknown> {
  const field = (name: string): string | null => fields.getByName(name);
  const isError = status >= 300 && status !== 304;
  const type = field('content-type');
  return {
    status,
    type: isError ? null : (type?.replace(/boundary=\S+/, 'boundary=B') ?? null),
    length: isError || type?.startsWith('multipart/') === true ? null : field('content-length'),
    etag: isError ? null : field('etag'),
    modified: isError ? null : field('last-modified'),
    range: field('content-range'),
    // Ours is relative, which holds behind any proxy and cannot be led astray by a made-up Host.
    location: field('location')?.replace(/^http:\/\/[^/]*/, '') ?? null,
    body: isError ? null : createHash('sha1').update(withoutBoundary(body, type)).digest('hex'),
  };
}

function withoutBoundary(body: Buffer, type: string | null): string {
  const boundary = /boundary=(\S+)/.exec(type ?? '')?.[1];
  const text = body.toString('latin1');
  return boundary === undefined ? text : text.replaceAll(boundary, 'B');
}

/** Bytes of a name as a careful client writes them into a target. */
function escaped(name: Buffer): string {
  return name.reduce(
    (text, byte) =>
      text +
      (/[\w./~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`),
    '',
  );
}

function filesBelow(root: Buffer, path: Buffer = Buffer.from('/')): Buffer[] {
  const found: Buffer[] = [];
  for (const entry of readdirSync(Buffer.concat([root, path]), {
    withFileTypes: true,
    encoding: 'buffer',
  })) {
    const below = Buffer.concat([path, entry.name]);
    const isDirectory =
      existsSync(Buffer.concat([root, below])) &&
      statSync(Buffer.concat([root, below])).isDirectory();
    if (isDirectory)
      found.push(below, ...filesBelow(root, Buffer.concat([below, Buffer.from('/')])));
    else found.push(below);
  }
  return found;
}

interface Pair {
  nginx: TestProcess;
  daemun: TestProcess;
  nginxClient: RawClient;
  daemunClient: RawClient;
}

async function serveBoth(root: string): Promise<Pair> {
  const [nginxPort, daemunPort] = [await freePort(), await freePort()];
  const nginx = await startNginx(
    peerPath('nginx') ?? 'nginx',
    nginxPort,
    `include /etc/nginx/mime.types; default_type application/octet-stream; keepalive_requests 1000000;
     server { listen 127.0.0.1:${nginxPort}; root ${root}; }`,
  );
  const starting = startDaemun(daemunPort, {
    threads: 1,
    logs: { access: 'off' },
    limits: { keepAliveRequests: 1_000_000 },
    sites: {
      '*': {
        listen: [`127.0.0.1:${daemunPort}`],
        routes: {
          '/': {
            files: root,
            symlinks: 'follow',
            dotfiles: 'allow',
            // We know more endings than nginx 1.22.
            types: Object.fromEntries(
              ['md', 'gz', 'dtd', 'ent', 'sty', 'properties'].map((ending) => [
                ending,
                'application/octet-stream',
              ]),
            ),
          },
        },
      },
    },
  });
  const daemun = await starting.catch(async (error: unknown) => {
    await nginx.stop();
    throw error;
  });
  return {
    nginx,
    daemun,
    nginxClient: new RawClient(nginxPort, { closesUnannounced: true }),
    daemunClient: new RawClient(daemunPort),
  };
}

async function stopBoth(pair: Pair): Promise<void> {
  pair.nginxClient.close();
  pair.daemunClient.close();
  await Promise.all([pair.nginx.stop(), pair.daemun.stop()]);
}

async function assertSame(pair: Pair, request: string): Promise<RawAnswer> {
  const [theirs, ours] = await Promise.all([
    pair.nginxClient.ask(request),
    pair.daemunClient.ask(request),
  ]);
  assert.deepEqual(facts(ours), facts(theirs), request);
  return ours;
}

function get(target: string, fields = '', method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
}

describe('static files as nginx serves them', { skip: needs('nginx') }, () => {
  describe('the manual of Apache httpd, every file', { skip: needs('apache2') }, () => {
    let pair: Pair;
    before(async () => {
      pair = await serveBoth(MANUAL);
    });
    after(() => stopBoth(pair));

    test('GET, HEAD, validators and ranges are the same', async () => {
      const names = filesBelow(Buffer.from(MANUAL));
      assert.ok(names.length > 2000, `${names.length} files`);
      for (const name of names) {
        const target = escaped(name);
        const answer = await assertSame(pair, get(target));
        await assertSame(pair, get(target, '', 'HEAD'));
        const etag = answer.fields.getByName('etag');
        if (answer.status !== 200 || etag === null) continue;
        const modified = answer.fields.getByName('last-modified') ?? '';
        for (const fields of [
          `If-None-Match: ${etag}\r\n`,
          `If-Modified-Since: ${modified}\r\n`,
          'Range: bytes=0-0\r\n',
          'Range: bytes=-7\r\n',
          'Range: bytes=1-2,4-5\r\n',
          `If-Range: ${etag}\r\nRange: bytes=5-\r\n`,
          `Range: bytes=${answer.body.length}-\r\n`,
        ]) {
          await assertSame(pair, get(target, fields));
        }
      }
    });
  });

  describe('names with every kind of byte', () => {
    const root = temporaryDirectory();
    let pair: Pair;
    before(async () => {
      const put = (name: Buffer | string, text: string): void => {
        const file = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);
        writeFileSync(file, text);
        utimesSync(file, 1_700_000_000, 1_700_000_000);
      };
      for (let byte = 1; byte < 256; byte++) {
        if (byte === 0x2f) continue;
        put(Buffer.from([0x61, byte, 0x62]), `byte ${byte}`);
      }
      for (const name of [
        '대문.txt',
        'naïve café.html',
        'a b.txt',
        'a%20b.txt',
        'q?x=1',
        'h#f',
        'p+q',
        'semi;v=1',
        'quote"\'',
        '~tilde',
        'x..y',
        '...',
        'trailing.',
      ]) {
        put(name, name);
      }
      put(Buffer.from('caf\xe9.txt', 'latin1'), 'latin1');
      mkdirSync(join(root, 'dir ü'));
      put('dir ü/index.html', 'index');
      mkdirSync(join(root, 'empty'));
      symlinkSync('대문.txt', join(root, 'link'));
      symlinkSync('nowhere', join(root, 'dangling'));
      put('zero', '');
      pair = await serveBoth(root);
    });
    after(() => stopBoth(pair));

    test('each is found under its escaped name, and its directory redirects', async () => {
      for (const name of filesBelow(Buffer.from(root))) await assertSame(pair, get(escaped(name)));
    });

    test('raw bytes in targets, dot segments and doubled slashes', async () => {
      for (const target of [
        '/a\xe9b',
        '/\xeb\x8c\x80\xeb\xac\xb8.txt',
        '/dir%20%C3%BC',
        '/dir%20%C3%BC?query=1&x=%20',
        '/dir%20%C3%BC/',
        '/dir%20%C3%BC/.',
        '/dir%20%C3%BC/../zero',
        '//zero',
        '/empty//../zero',
        '/./zero',
        '/%2e%2e/zero',
        '/../zero',
        '/zero/',
        '/zero/x',
        '/empty',
        '/empty/',
        '/missing',
        '/dangling',
        '/link',
        '/x..y',
        '/...',
        '/trailing.',
        '/%00',
        '/a%',
        '/a%zz',
        `/${'a'.repeat(300)}`,
        `/${'a/'.repeat(3000)}`,
        '/zero?x',
        '/zero%3Fx',
        '/q?x=1',
        '/q%3Fx=1',
        '/semi;v=1',
      ]) {
        await assertSame(pair, get(target));
      }
    });

    test('ranges of a small, an empty and a missing file', async () => {
      const ranges = [
        '0-',
        '0-0',
        '1-1',
        '-0',
        '-1',
        '-1000',
        '0-1000',
        '1000-',
        '1000-2000',
        '0-0,-1',
        '0-0,2-3',
        '0-9,5-6',
        '-1,-2',
        ' 0-0',
        '0-0 ',
        '0-0, 2-2',
        '18446744073709551616-',
      ];
      // RFC 9110 section 14.2 lets a server ignore or reject what is no byte range: nginx rejects some of
      // these with 416, we ignore them all.
      const malformed = ['5-4', '', '-', 'a-b', '0-a', '0 -0'];
      for (const target of ['/a1b', '/zero', '/missing']) {
        for (const method of ['GET', 'HEAD']) {
          for (const range of ranges) {
            await assertSame(pair, get(target, `Range: bytes=${range}\r\n`, method));
          }
          for (const range of malformed) {
            const answer = await pair.daemunClient.ask(
              get(target, `Range: bytes=${range}\r\n`, method),
            );
            assert.equal(answer.status, target === '/missing' ? 404 : 200, range);
          }
        }
        // A last position beyond every file is a last position; nginx rejects what exceeds its integers.
        const far = await pair.daemunClient.ask(
          get(target, 'Range: bytes=0-18446744073709551616\r\n'),
        );
        assert.equal(far.status, { '/a1b': 206, '/zero': 200, '/missing': 404 }[target]);
        await assertSame(pair, get(target, 'Range: lines=0-0\r\n'));
      }
    });

    test('conditions in every combination', async () => {
      const { fields } = await assertSame(pair, get('/a1b'));
      const etag = fields.getByName('etag') ?? '';
      const modified = fields.getByName('last-modified') ?? '';
      const tags = ['', etag, '"other"', `W/${etag}`, '*', `"x", ${etag}`, 'garbage'];
      const dates = [
        '',
        modified,
        'Thu, 01 Jan 1970 00:00:00 GMT',
        'Fri, 01 Jan 2038 00:00:00 GMT',
        'garbage',
      ];
      for (const noneMatch of tags) {
        for (const since of dates) {
          for (const match of ['', etag, '"other"', '*']) {
            let text = '';
            if (noneMatch !== '') text += `If-None-Match: ${noneMatch}\r\n`;
            if (since !== '') text += `If-Modified-Since: ${since}\r\n`;
            if (match !== '') text += `If-Match: ${match}\r\n`;
            for (const more of ['', 'Range: bytes=0-1\r\n']) {
              if (noneMatch === '' || since === '') {
                await assertSame(pair, get('/a1b', text + more));
                continue;
              }
              // nginx wants both to say "not modified"; RFC 9110 section 13.2.2 lets If-None-Match decide.
              const without = text.replace(/If-Modified-Since: .*\r\n/, '');
              const [both, one] = await Promise.all([
                pair.daemunClient.ask(get('/a1b', text + more)),
                pair.daemunClient.ask(get('/a1b', without + more)),
              ]);
              assert.deepEqual(facts(both), facts(one), text);
            }
          }
        }
      }
      for (const range of [...tags, ...dates]) {
        await assertSame(pair, get('/a1b', `If-Range: ${range}\r\nRange: bytes=0-1\r\n`));
      }
      // A date that is none is ignored (RFC 9110 section 13.1.4); nginx answers 412.
      for (const since of dates.filter((date) => date !== 'garbage')) {
        await assertSame(
          pair,
          get('/a1b', since === '' ? '' : `If-Unmodified-Since: ${since}\r\n`),
        );
      }
    });

    test('methods', async () => {
      for (const method of [
        'POST',
        'PUT',
        'DELETE',
        'PATCH',
        'OPTIONS',
        'TRACE',
        'PROPFIND',
        'MADEUP',
      ]) {
        await assertSame(pair, get('/zero', 'Content-Length: 0\r\n', method));
      }
    });
  });
});
