/**
 * A directory of odd files whose bytes and times are fixed, so that what a web server answers for them
 * can be written down once and compared later.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** 2023-11-14T22:13:20Z, the modification time of most files, in seconds. */
export const TREE_TIME = 1_700_000_000;

/** Files by their latin1 name (one character is one byte) with content and time. */
const FILES: readonly (readonly [name: string, content: string, time?: number])[] = [
  ['index.html', '<h1>home</h1>\n'],
  ['plain.txt', '0123456789abcdefghijklmnopqrstuvwxyz'],
  ['empty.txt', ''],
  ['one', 'x'],
  ['page.HTML', 'upper'],
  ['style.css', 'a{}'],
  ['app.js', 'let a = 1;\n'.repeat(20)],
  ['app.js.gz', '\x1f\x8bgzipped', TREE_TIME + 7],
  ['old.js', 'fresh\n'],
  ['old.js.gz', '\x1f\x8bstale', TREE_TIME - 1000],
  ['only.js.gz', '\x1f\x8balone'],
  ['archive.tar.nope', 'unknown type'],
  ['dot.', 'ends in a dot'],
  ['sp ace.txt', 'space'],
  ['plus+plus.txt', 'plus'],
  ['per%cent.txt', 'percent'],
  ['que?stion.txt', 'question'],
  ['ha#sh.txt', 'hash'],
  ['semi;colon.txt', 'semicolon'],
  ['quo"te\'s.txt', 'quotes'],
  ['new\nline.txt', 'newline'],
  ['back\\slash.txt', 'backslash'],
  ['caf\xc3\xa9.txt', 'utf-8 name'],
  ['caf\xe9.txt', 'latin1 name'],
  ['%2e%2e', 'literally escaped dots'],
  ['...', 'three dots'],
  ['.hidden', 'dotfile'],
  ['.well-known/token', 'well known'],
  ['docs/index.html', 'docs'],
  ['docs/deep/page.html', 'deep'],
  ['noindex/file.txt', 'lonely'],
  ['sp ace/index.html', 'dir with space'],
  ['caf\xc3\xa9/index.html', 'dir with utf-8'],
  ['a?b/x', 'dir with question mark'],
  ['WEB-INF/web.xml', '<secret/>'],
  ['sub/WEB-INF/x', 'secret'],
  ['large.bin', 'L'.repeat(300_000)],
];

const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['inside-link.txt', 'plain.txt'],
  ['inside-dir', 'docs'],
  ['outside-link.txt', '../outside/secret.txt'],
  ['outside-dir', '../outside'],
  ['dangling', 'nowhere'],
  ['circle', 'circle'],
];

/** Where the files lie, below the system's temporary directory, and how to be rid of them. */
export interface StaticTree {
  /** The directory above the root, which holds `outside` too. */
  readonly base: string;
  readonly root: string;
  remove(): void;
}

function bytes(base: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${base}/`), Buffer.from(name, 'latin1')]);
}

/** Builds the tree in a new temporary directory, or in `base`. */
export function plantStaticTree(base = mkdtempSync(join(tmpdir(), 'daemun-static-'))): StaticTree {
  const root = join(base, 'root');
  mkdirSync(join(base, 'outside'), { recursive: true });
  writeFileSync(join(base, 'outside', 'secret.txt'), 'secret');
  for (const [name, content, time] of FILES) {
    const slash = name.lastIndexOf('/');
    mkdirSync(slash === -1 ? root : bytes(root, name.slice(0, slash)), { recursive: true });
    const path = bytes(root, name);
    writeFileSync(path, Buffer.from(content, 'latin1'));
    utimesSync(path, time ?? TREE_TIME, time ?? TREE_TIME);
  }
  for (const [name, target] of LINKS) symlinkSync(target, bytes(root, name));
  return { base, root, remove: () => rmSync(base, { recursive: true, force: true }) };
}
