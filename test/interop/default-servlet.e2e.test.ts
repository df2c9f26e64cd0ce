/** The static files of a web application: the same tree in Tomcat and in our container, the same requests, the same answers. */
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/needs.ts';
import type { RawAnswer } from '../support/raw-client.ts';
import { ETAG, FILES, MODIFIED } from '../support/tomcat-files.ts';
import { TomcatPair, words } from '../support/tomcat-pair.ts';

const BEFORE = 'Tue, 14 Nov 2023 22:13:19 GMT';
const BEHIND = 'Tue, 14 Nov 2023 22:13:21 GMT';

let pair: TomcatPair;

function get(target: string, fields = '', method = 'GET'): Promise<RawAnswer> {
  return pair.assertSame({ method, target, fields });
}

describe('static files as Tomcat serves them', { skip: needs('tomcat10') }, () => {
  before(async () => {
    pair = await TomcatPair.start();
  });
  after(() => pair.stop());

  test('every file, by GET and HEAD, whole and in part', async () => {
    for (const name of Object.keys(FILES)) {
      const target = `/${encodeURI(name).replaceAll(';', '%3B')}`;
      const answer = await get(target);
      await get(target, '', 'HEAD');
      const etag = answer.fields.getByName('etag');
      if (etag === null) continue;
      await get(target, `If-None-Match: ${etag}\r\n`);
      await get(target, 'Range: bytes=0-0\r\n');
      await get(target, 'Range: bytes=-2\r\n');
      await get(target, `Range: bytes=${answer.body.length}-\r\n`);
    }
  });

  test('targets: directories, parameters, queries, spellings, links', async () => {
    const targets = [
      ...words(`
      / /dir /dir/ /dir/sub /dir/sub/ /index /index/ /empty /empty/ /missing /missing/ /dir?a=b /dir?
      /dir?a=b&c=%20 /dir;a=b /dir;a=b?c /dir/;a /dir/sub;x=y /d%69r /index?x /index/?x /ten.txt/
      /ten.txt/x /ten.txt?x /ten.txt;x=y /ten.txt;x=y?z /dir;x/f.txt /dir/f.txt; /dir//f.txt //ten.txt
      //dir ///dir /./ten.txt /dir/./f.txt /dir/../ten.txt /dir/sub/.. /dir/. /dir/sub/../f.txt /%74en.txt
      /ten%2Etxt /TEN.TXT /Ten.txt /ten.txt%20 /ten.txt. /%20ten.txt /ten.tx /a%20b.txt /a+b.txt
      /plus+.txt /plus%2B.txt /plus%20.txt /%C3%BC.txt /u%CC%88.txt /p%20q.txt /p%2520q.txt /semi;v=1.txt
      /semi%3Bv=1.txt /link.txt /outside.txt /link /link/ /link/f.txt /dangling /dir/missing /large.txt
      /edge.txt /WEB-INF /WEB-INF/ /WEB-INF/x.txt /web-inf/x.txt /Web-Inf /META-INF /meta-inf/x.txt
      /%57EB-INF/x.txt /dir/../WEB-INF/x.txt /./WEB-INF/x.txt //WEB-INF/x.txt /WEB-INF;x=y/x.txt
      /dir/WEB-INF/x.txt /WEB-INFO /.well-known /.well-known/ /x..y.txt /trailing..txt /...
    `),
      `/${'a'.repeat(300)}`,
      `/${'dir/../'.repeat(100)}ten.txt`,
    ];
    for (const target of targets) {
      await get(target);
      await get(target, '', 'HEAD');
    }
  });

  test('targets that are refused before any file is looked for', async () => {
    for (const target of words(`
      /dir%5Cf.txt /dir\\f.txt /ten.txt%00 /%00 /dir%2Ff.txt /dir%2ff.txt /..%2fx /%2e%2e/ten.txt
      /dir/%2e/f.txt /../ten.txt /dir/../../ten.txt /a% /a%zz /%ff.txt /%0a /..;/ten.txt /dir/..;x/ten.txt
    `)) {
      await get(target);
    }
  });

  test('methods', async () => {
    for (const target of [
      '/ten.txt',
      '/missing',
      '/dir',
      '/dir/',
      '/index/',
      '/WEB-INF/x.txt',
      '/link.txt',
    ]) {
      for (const method of [
        'POST',
        'PUT',
        'DELETE',
        'PATCH',
        'OPTIONS',
        'PROPFIND',
        'MADEUP',
        'get',
      ]) {
        await get(target, 'Content-Length: 0\r\n', method);
      }
    }
  });

  test('ranges', async () => {
    const ranges = [
      'bytes=0-|bytes=0-0|bytes=0-8|bytes=0-9|bytes=0-10|bytes=9-|bytes=9-9|bytes=10-|bytes=10-20',
      'bytes=8-20|bytes=-0|bytes=-1|bytes=-9|bytes=-10|bytes=-11|bytes=0-0,2-2|bytes=0-0, 2-2',
      'bytes=0-0 ,2-2|bytes=2-2,0-0|bytes=-1,0-0|bytes=0-4,5-9|bytes=0-4,4-5|bytes=0-0,-1,4-5',
      'bytes=0-0,,1-1|bytes=,0-0|bytes=0-0,|bytes=0-0,20-30|bytes=20-30,40-|bytes=0-9,0-9|bytes=0-6,0-6',
      'BYTES=0-0|lines=0-0|lines|bytes|bytes=|bytes=-|bytes=a-b|bytes=5-4|bytes=0-0x|bytes=0 -0|bytes=0- 0',
      'bytes=--1|bytes=0|bytes 0-0|bytes=0-9223372036854775807|bytes=0-18446744073709551616',
      'bytes=-18446744073709551616',
    ].flatMap((some) => some.split('|'));
    for (const range of ranges) {
      for (const method of ['GET', 'HEAD']) await get('/ten.txt', `Range: ${range}\r\n`, method);
    }
    for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=1-', 'bytes=-0']) {
      for (const target of ['/zero.txt', '/missing', '/dir', '/dir/'])
        await get(target, `Range: ${range}\r\n`);
    }
    for (const range of [
      'bytes=0-65535',
      'bytes=0-65536',
      'bytes=1-',
      'bytes=0-262144',
      'bytes=-262145',
      'bytes=0-99999,150000-299999',
    ]) {
      await get('/large.txt', `Range: ${range}\r\n`);
    }
  });

  test('conditions alone and in pairs, with ranges and without', async () => {
    const tags = ['', ETAG, '"10-1700000000125"', '"x"', '*', `"x", ${ETAG}`, 'W/"x"', 'garbage'];
    const dates = ['', MODIFIED, BEFORE, BEHIND, 'Thu, 01 Jan 1970 00:00:00 GMT', 'garbage'];
    const fields: string[] = [];
    for (const tag of tags) {
      for (const date of dates) {
        fields.push(
          line('If-None-Match', tag) + line('If-Modified-Since', date),
          line('If-Match', tag) + line('If-Unmodified-Since', date),
        );
      }
    }
    for (const tag of tags) {
      for (const other of tags) fields.push(line('If-Match', tag) + line('If-None-Match', other));
    }
    for (const text of new Set(fields)) {
      await get('/ten.txt', text);
      await get('/ten.txt', `${text}Range: bytes=0-1\r\n`);
    }
    for (const value of [...tags, ...dates]) {
      await get('/ten.txt', `${line('If-Range', value)}Range: bytes=0-1\r\n`);
      await get('/ten.txt', line('If-Range', value));
      for (const target of ['/missing', '/dir', '/dir/']) {
        await get(target, line('If-Match', value));
        await get(target, line('If-None-Match', value));
      }
    }
  });
});

function line(name: string, value: string): string {
  return value === '' ? '' : `${name}: ${value}\r\n`;
}
