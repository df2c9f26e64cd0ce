/** The command line of Daemun; the launcher in `bin/` starts it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, MISUSE_STATUS, type Named, readCommandLine } from './command-line.ts';
import { hasConfigEnding, isDirectory } from './config-file.ts';
import { HeldSignals } from './held-signals.ts';
import { helpText } from './help.ts';
import type { RunOptions } from './run.ts';
import type { ServeOptions } from './serve.ts';
import { print, printError } from './terminal.ts';

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function advice(url: string): string {
  return `Try:
  curl -i ${url}
  curl -i -H 'Range: bytes=0-9' ${url}
  curl -I ${url}no-such-page

`;
}

// The server is most of the program: what comes while it is read is held already.
async function serve(options: Omit<ServeOptions, 'held' | 'version'>): Promise<number> {
  const held = new HeldSignals();
  const server = await import('./serve.ts');
  return server.serve({ ...options, held, version: version() });
}

async function run(options: Omit<RunOptions, 'held' | 'version'>): Promise<number> {
  const held = new HeldSignals();
  const server = await import('./run.ts');
  return server.run({ ...options, held, version: version() });
}

async function perform(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      print(helpText(command.about));
      return 0;
    case 'version':
      print(`daemun ${version()} (Node ${process.versions.node})\n`);
      return 0;
    case 'check':
      return (await import('./check.ts')).check(command.file);
    case 'doctor':
      return (await import('./doctor.ts')).doctor({ ...command, version: version() });
    case 'run':
      return command.daemon ? (await import('./daemon.ts')).startInBackground() : run(command);
    case 'serve':
      return serve({
        ...command,
        endsWithParent: false,
        advice: () => '',
      });
    case 'was': {
      const held = new HeldSignals();
      const server = await import('./was.ts');
      return server.was({ ...command, held, version: version() });
    }
    case 'status':
    case 'connections':
    case 'top':
    case 'reload':
    case 'drain':
    case 'stop':
      return (await import('./administer.ts')).administer(command);
    case 'demo':
      return serve({
        directory: fileURLToPath(new URL('../../examples/site', import.meta.url)),
        listen: null,
        threads: 'auto',
        // `npm start` that is ended by TERM ends the shell between, and leaves what runs in it
        endsWithParent: process.env['npm_lifecycle_event'] !== undefined,
        advice,
      });
  }
}

function named(word: string): Named {
  if (isDirectory(word)) return 'directory';
  return hasConfigEnding(word) && existsSync(word) ? 'configuration' : null;
}

const command = readCommandLine(process.argv.slice(2), named);
if ('message' in command) {
  printError(`daemun: ${command.message}. ${command.cure}.\n`.replace('?.\n', '?\n'));
  process.exitCode = MISUSE_STATUS;
} else {
  process.exitCode = await perform(command);
}
