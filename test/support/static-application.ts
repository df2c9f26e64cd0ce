/** The files of an application and the servlet that serves them, for unit tests. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Servlet } from '../../src/was/api/index.ts';
import { makePipe } from './make-pipe.ts';
import {
  type MemoryServletModel,
  MemoryServletRequest,
  MemoryServletResponse,
} from './memory-servlet.ts';
import { temporaryDirectory } from './process.ts';

const TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  html: 'text/html',
  png: 'image/png',
  latin: 'text/plain; charset=ISO-8859-1',
};
const mediaType = (name: string): string | null =>
  TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? null;
const DESCRIPTORS = '/proc/self/fd';

/** See the head of this file. */
export class StaticApplication {
  readonly root = temporaryDirectory();
  readonly servlet: Servlet;

  /** `make` gives the servlet for a directory and the types of the files in it. */
  constructor(make: (root: string, mediaType: (name: string) => string | null) => Servlet) {
    for (const name of ['dir', 'WEB-INF', '.hidden', '.well-known', 'node_modules']) {
      mkdirSync(join(this.root, name));
      this.put(`${name}/x.txt`, `in ${name}`);
    }
    this.put('ten.txt', '0123456789');
    this.put('zero.txt', '');
    this.put('unknown', '?');
    this.put('image.png', 'PNG');
    this.put('bom.txt', '\ufeffgrün');
    this.put('utf8.txt', 'grün');
    this.put('utf16.txt', Buffer.from('\ufeffgrün', 'utf16le'));
    this.put('utf16be.txt', Buffer.from([0xfe, 0xff, 0, 0x67, 0, 0xfc]));
    this.put('declared.latin', Buffer.from('gr\xfcn', 'latin1'));
    this.put('page.jsp', '<% secret %>');
    this.put('WEB-INF/page.jsp', '<% secret %>');
    symlinkSync('ten.txt', join(this.root, 'link.txt'));
    makePipe(join(this.root, 'pipe.txt'));
    this.servlet = make(this.root, mediaType);
  }

  /** Writes a file that was last modified 123 ms behind 2023-11-14 22:13:20. */
  put(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.root, name), content);
    utimesSync(join(this.root, name), 1_700_000_000.123, 1_700_000_000.123);
  }

  async ask(
    path: string,
    model: MemoryServletModel = {},
    response = new MemoryServletResponse(),
  ): Promise<MemoryServletResponse> {
    await this.servlet.service(new MemoryServletRequest({ path, ...model }), response);
    return response;
  }

  /** The files that this process has open, where the system tells. */
  openFiles(): readonly string[] {
    if (!existsSync(DESCRIPTORS)) return [];
    return readdirSync(DESCRIPTORS)
      .map((name) => {
        try {
          return readlinkSync(join(DESCRIPTORS, name));
        } catch {
          // The one of the directory that was read.
          return '';
        }
      })
      .filter((file) => file.startsWith(this.root));
  }
}

/** Bytes of which no two neighbouring pieces are alike. */
export function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 7 + (at >> 8) * 13 + (at >> 16)) & 0xff;
  return bytes;
}

/** What a client sends that wants parts of a file, in bytes. */
export function range(value: string): MemoryServletModel {
  return { fields: { range: `bytes=${value}` } };
}
