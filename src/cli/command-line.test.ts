import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, type Named, readCommandLine } from './command-line.ts';

const WAS = {
  name: 'was',
  webapps: 'w',
  http: null,
  ajp: null,
  ajpSecret: null,
  route: null,
} as const;
const SERVE = { name: 'serve', directory: '.', listen: null, threads: 'auto' } as const;

const ADMIN = { file: null, admin: null, tokenFile: null, json: false, limit: null } as const;

const COMMANDS: readonly (readonly [string, Command])[] = [
  ['', { name: 'help', about: null }],
  ['help', { name: 'help', about: null }],
  ['help help', { name: 'help', about: null }],
  ['help help run', { name: 'help', about: 'run' }],
  ['--help', { name: 'help', about: null }],
  ['-h', { name: 'help', about: null }],
  ['help serve', { name: 'help', about: 'serve' }],
  ['--help run', { name: 'help', about: 'run' }],
  ['check --help', { name: 'help', about: 'check' }],
  ['demo -h', { name: 'help', about: 'demo' }],
  // who asks for help gets it, whatever else is wrong
  ['serve --port 80 -h', { name: 'help', about: 'serve' }],
  ['version', { name: 'version' }],
  ['--version', { name: 'version' }],
  ['-v', { name: 'version' }],
  ['demo', { name: 'demo' }],
  ['run', { name: 'run', file: null, user: null, daemon: false }],
  ['run site.ts', { name: 'run', file: 'site.ts', user: null, daemon: false }],
  [
    'run --user www-data site.ts',
    { name: 'run', file: 'site.ts', user: 'www-data', daemon: false },
  ],
  ['run --daemon', { name: 'run', file: null, user: null, daemon: true }],
  ['run -- -site.ts', { name: 'run', file: '-site.ts', user: null, daemon: false }],
  ['status', { ...ADMIN, name: 'status' }],
  ['status site.json --json', { ...ADMIN, name: 'status', file: 'site.json', json: true }],
  ['connections --json', { ...ADMIN, name: 'connections', json: true }],
  ['top --admin unix:/run/x', { ...ADMIN, name: 'top', admin: 'unix:/run/x' }],
  [
    'reload --admin 127.0.0.1:9 --token-file t',
    { ...ADMIN, name: 'reload', admin: '127.0.0.1:9', tokenFile: 't' },
  ],
  ['drain --limit 5m', { ...ADMIN, name: 'drain', limit: 300_000 }],
  ['drain --limit 24h', { ...ADMIN, name: 'drain', limit: 86_400_000 }],
  ['stop', { ...ADMIN, name: 'stop' }],
  ['check', { name: 'check', file: null }],
  ['check site.json', { name: 'check', file: 'site.json' }],
  ['doctor', { name: 'doctor', file: null, json: false }],
  ['doctor --json site.ts', { name: 'doctor', file: 'site.ts', json: true }],
  ['doctor site.ts --json', { name: 'doctor', file: 'site.ts', json: true }],
  ['was --webapps w', WAS],
  [
    'was --webapps=w --http 80 --ajp 8009 --ajp-secret s --route n',
    { ...WAS, http: '80', ajp: '8009', ajpSecret: 's', route: 'n' },
  ],
  ['was --help', { name: 'help', about: 'was' }],
  ['serve', SERVE],
  ['serve public', { ...SERVE, directory: 'public' }],
  ['serve --listen 8000', { ...SERVE, listen: '8000' }],
  ['serve --listen=unix:/run/x', { ...SERVE, listen: 'unix:/run/x' }],
  ['serve --listen [::1]:80 public', { ...SERVE, directory: 'public', listen: '[::1]:80' }],
  ['serve --threads auto', SERVE],
  ['serve --threads 1', { ...SERVE, threads: 1 }],
  ['serve --threads=10000', { ...SERVE, threads: 10000 }],
  ['serve -- -public', { ...SERVE, directory: '-public' }],
];
for (const [line, command] of COMMANDS)
  test(`"daemun ${line}" is understood`, () => {
    assert.deepEqual(readCommandLine(words(line)), command);
  });

const MISUSES: readonly (readonly [line: string, message: RegExp, cure: RegExp])[] = [
  ['drain --limit 25h', /--limit is "25h"/, /a day at most/],
  ['drain --limit 5', /--limit is "5"/, /30s or 5m/],
  ['stop --limit 5s', /"daemun stop" has no option --limit/, /See "daemun stop --help"/],
  ['status --json=yes', /--json takes no value/, /Leave the value out/],
  ['top --json', /no option --json/, /daemun top --help/],
  ['sreve', /no command "sreve"/, /Did you mean "daemun serve"\?$/],
  ['rnu', /no command "rnu"/, /"daemun run"\?$/],
  ['chekc site.ts', /no command "chekc"/, /"daemun check"\?$/],
  ['Serve', /no command "Serve"/, /"daemun serve"\?$/],
  ['./public', /no command ".\/public"/, /^See "daemun --help"$/],
  ['zzz', /no command "zzz"/, /^See "daemun --help"$/],
  ['--verson', /no option "--verson"/, /"daemun --version"\?$/],
  ['--hlep', /no option "--hlep"/, /"daemun --help"\?$/],
  ['-V', /no option "-V"/, /^Did you mean "daemun --version"\?$/],
  ['-t site.json', /no option "-t"/, /"daemun check"\?$/],
  ['start', /no command "start"/, /"daemun run"\?$/],
  ['--listen 80', /no option "--listen"/, /^Name the command first: "daemun serve --listen"$/],
  ['--threads=2', /no option/, /"daemun serve --threads=2"$/],
  ['-x', /no option "-x"/, /^See "daemun --help"$/],
  ['help sreve', /no command "sreve"/, /"daemun serve"\?$/],
  ['help serve run', /"run" is one word too many for "daemun help"/, /^See "daemun --help"$/],
  ['--version now', /"now" is one word too many for "daemun --version"/, /--help/],
  ['run a.ts b.ts', /"b.ts" is one word too many for "daemun run"/, /^See "daemun run --help"$/],
  ['check a.ts b.ts', /"b.ts" is one word too many for "daemun check"/, /check --help/],
  ['serve a b', /"b" is one word too many for "daemun serve"/, /serve --help/],
  ['demo a', /"a" is one word too many for "daemun demo"/, /demo --help/],
  [
    'run --listen 80',
    /"daemun run" has no option --listen/,
    /^Write it into the configuration file$/,
  ],
  ['run --verbose', /"daemun run" has no option --verbose/, /^See "daemun run --help"$/],
  ['serve --port 80', /has no option --port/, /^Did you mean --listen\?$/],
  ['-s reload', /no option "-s"/, /: "daemun reload"$/],
  ['-s stop', /no option "-s"/, /: "daemun stop"$/],
  ['-s', /no option "-s"/, /^See "daemun --help"$/],
  ['-s hup', /no option "-s"/, /^See "daemun --help"$/],
  ['check ', /^"" names no file$/, /leave it out/],
  ['run ', /^"" names no file$/, /leave it out/],
  ['serve ', /^"" names no directory$/, /leave it out/],
  ['doctor a b', /"b" is one word too many for "daemun doctor"/, /doctor --help/],
  ['doctor --json=yes', /--json takes no value/, /^Leave the value out$/],
  ['doctor --jsn', /has no option --jsn/, /^Did you mean --json\?$/],
  ['doctor ', /^"" names no file$/, /leave it out/],
  ['--json', /no option "--json"/, /^Name the command first: "daemun doctor --json"$/],
  ['docter', /no command "docter"/, /"daemun doctor"\?$/],
  ['check -q', /"daemun check" has no option -q/, /check --help/],
  ['demo --threads 2', /"daemun demo" has no option --threads/, /demo --help/],
  ['was', /--webapps is missing/, /daemun was --webapps/],
  ['was ./webapps', /one word too many/, /was --help/],
  ['was --webapps w --ajp-secret s', /for an address/, /--ajp$/],
  ['serve --lisen 80', /has no option --lisen/, /^Did you mean --listen\?$/],
  ['serve --thread 2', /has no option --thread/, /^Did you mean --threads\?$/],
  ['serve --no-listen', /has no option --no-listen/, /./],
  ['serve -l8000', /has no option -l/, /^Did you mean --listen\?$/],
  ['serve --listen', /--listen needs a value/, /serve --help/],
  ['serve --listen=', /--listen needs a value/, /serve --help/],
  ['serve --listen --threads 2', /--listen needs a value/, /serve --help/],
  ['serve --threads', /--threads needs a value/, /serve --help/],
  ['serve --listen 80 --listen 81', /--listen is given twice/, /once/],
  ['serve --threads 0', /--threads is "0"/, /from 1/],
  ['serve --threads=-1', /--threads is "-1"/, /from 1/],
  ['serve --threads -1', /--threads is "-1"/, /from 1/],
  ['serve --threads -x', /--threads needs a value/, /serve --help/],
  ['serve --threads 01', /--threads is "01"/, /from 1/],
  ['serve --threads 1.5', /--threads is "1.5"/, /from 1/],
  ['serve --threads 0x2', /--threads is "0x2"/, /from 1/],
  ['serve --threads many', /--threads is "many"/, /or auto/],
];
for (const [line, message, cure] of MISUSES)
  test(`"daemun ${line}" is answered with what is wrong and what helps`, () => {
    const misuse = readCommandLine(words(line));
    assert.ok('message' in misuse, JSON.stringify(misuse));
    assert.match(misuse.message, message);
    assert.match(misuse.message, /^[^a-z].*[^.]$/, 'the caller ends the sentence');
    assert.match(misuse.cure, cure);
  });

test('a directory or a configuration in the place of a command is answered with the command for it', () => {
  const named = (word: string): Named =>
    word === 'public' ? 'directory' : word === 'site.json' ? 'configuration' : null;
  const cures = ['public', 'site.json', 'zzz'].map((word) => {
    const misuse = readCommandLine([word], named);
    assert.ok('message' in misuse);
    assert.match(misuse.message, /^There is no command "/);
    return misuse.cure;
  });
  assert.deepEqual(cures, [
    'To serve the directory: "daemun serve public"',
    'To serve what the file says: "daemun run site.json"',
    'See "daemun --help"',
  ]);
});

function words(line: string): readonly string[] {
  return line === '' ? [] : line.split(' ');
}
