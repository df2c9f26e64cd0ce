import { readdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { checkConfig, type LoadedConfig } from '../config/index.ts';
import { addressProbe, mayBecomeOthers, type ServedPort } from '../supervisor/index.ts';
import type { WasCommand } from './command-line.ts';
import type { HeldSignals } from './held-signals.ts';
import { judgeOf } from './judge-config.ts';
import { printProblems } from './problems.ts';
import { serveUntilSignal } from './serving.ts';
import { printError } from './terminal.ts';
import { openness, portUrl } from './url.ts';

/** What `daemun was` serves. */
export interface WasOptions extends Omit<WasCommand, 'name'> {
  /** See `Serving.held`. */
  readonly held: HeldSignals;
  /** Of the program, for the announcement. */
  readonly version: string;
}

/** A folder of an application, and the path that it is found by. */
interface Deployed {
  readonly folder: string;
  readonly contextPath: string;
}

/** Where applications are reached that nobody gave an address. */
const DEFAULT_LISTEN = '127.0.0.1:8080';

/** What an upload may have; `multipart-config` sets smaller limits. */
const BODY_LIMIT = '1GiB';

/** Serves the web applications in a directory; resolves to the exit status. */
export async function was(options: WasOptions): Promise<number> {
  const load = async (own: readonly ServedPort[]): Promise<LoadedConfig | string> => {
    const input = configOf(options);
    if (typeof input === 'string') return input;
    const place = { directory: process.cwd() };
    return checkConfig(input, place, { judge: judgeOf(''), probe: addressProbe({ own }) });
  };
  const loaded = await load([]);
  if (typeof loaded === 'string') {
    printError(`${loaded}\n`);
    return 1;
  }
  if (loaded.model === undefined) {
    printProblems(loaded.problems.map((problem) => asTyped(problem, options)));
    return 1;
  }
  return serveUntilSignal({
    config: loaded.model,
    // What shows only when the applications are started has the words of the command line, too.
    place: loaded.place,
    reload: async (own) => {
      const again = await load(own);
      return typeof again === 'string' ? { problems: [nothingIn(again)] } : again;
    },
    held: options.held,
    announce: (ports) => announcement(options, ports),
    version: options.version,
    configFile: null,
  });
}

/** The configuration that the words of the command line stand for; a sentence where they stand for none. */
function configOf({ webapps, http, ajp, ajpSecret, route }: WasOptions): object | string {
  const deployed = deployedIn(webapps);
  if (typeof deployed === 'string') return deployed;
  const secret = ajpSecret === null ? null : readSecret(ajpSecret);
  if (typeof secret === 'string') return secret;
  const listen: unknown[] = [];
  if (http !== null || ajp === null) listen.push(http ?? DEFAULT_LISTEN);
  if (ajp !== null) listen.push({ address: ajp, ajp: { secret: secret?.secret ?? false } });
  return {
    // Who tries something out wants to see the own files, whoever that is.
    ...(mayBecomeOthers() ? { user: userInfo().username } : {}),
    // What applications say by context.log is a notice.
    logs: { error: { path: 'stderr', level: 'notice' } },
    apps: Object.fromEntries(
      deployed.map(({ folder }) => [
        folder,
        { root: join(webapps, folder), ...(route === null ? {} : { route }) },
      ]),
    ),
    sites: {
      '*': {
        listen,
        bodyLimit: BODY_LIMIT,
        routes: Object.fromEntries(
          deployed.map(({ folder, contextPath }) => [
            contextPath === '' ? '/' : `${contextPath}/*`,
            { app: folder },
          ]),
        ),
      },
    },
  };
}

/** Each folder is a context named after it, as Tomcat's `appBase`: `a#b` is `/a/b`, `ROOT` the root. */
function deployedIn(webapps: string): readonly Deployed[] | string {
  let names: readonly string[];
  try {
    names = readdirSync(webapps).toSorted();
  } catch (error) {
    return `--webapps: ${reasonOf(error, webapps)}. Name a directory that is there.`;
  }
  const folders = names.filter(
    (name) => !name.startsWith('.') && statSync(join(webapps, name)).isDirectory(),
  );
  const versioned = folders.find((name) => name.includes('##'));
  if (versioned !== undefined) {
    return `--webapps: ${versioned} names a version, of which there is one at a time. Rename the folder.`;
  }
  if (folders.length === 0) {
    const archive = names.find((name) => name.endsWith('.war'));
    const cure =
      archive === undefined ? 'Put one into it, with WEB-INF/web.xml' : `Unpack ${archive}`;
    return `--webapps: There is no folder of an application in ${resolve(webapps)}. ${cure}.`;
  }
  return folders.map((folder) => ({
    folder,
    contextPath: folder === 'ROOT' ? '' : `/${folder.replaceAll('#', '/')}`,
  }));
}

function readSecret(file: string): { readonly secret: string } | string {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (secret !== '') return { secret };
    return `--ajp-secret: ${file} is empty. Write the secret into it that the web server has.`;
  } catch (error) {
    return `--ajp-secret: ${reasonOf(error, file)}. Name a file with the secret that the web server has.`;
  }
}

function announcement(
  { version, webapps, ajp, ajpSecret }: WasOptions,
  ports: readonly ServedPort[],
): string {
  const lines = ports.map((port) => `  ${portUrl(port)}${openness(port)}`);
  const deployed = deployedIn(webapps);
  const paths =
    typeof deployed === 'string' ? [] : deployed.map(({ contextPath }) => `${contextPath}/`);
  const bare =
    ajp !== null && ajpSecret === null
      ? 'AJP takes everybody who reaches it at its word; --ajp-secret asks for a secret.\n'
      : '';
  const root = mayBecomeOthers()
    ? 'It runs as root. On the internet, use "daemun run", which serves as an ordinary user.\n'
    : '';
  return `Daemun ${version} serves the applications in ${resolve(webapps)}: ${paths.join(' ')}\n\n${lines.join('\n')}\n\n${bare}${root}Ctrl-C ends it, HUP starts the applications anew.\n`;
}

type Problem = Parameters<typeof printProblems>[0][number];

// There is no configuration file to look into: what is wrong is a word of the command line, or in a folder.
function asTyped(problem: Problem, { webapps }: WasOptions): Problem {
  const [first, second] = problem.path;
  if (problem.path.includes('listen')) return { ...problem, object: '--http or --ajp' };
  if (problem.path.includes('route')) return { ...problem, object: '--route' };
  if (first !== 'apps' || typeof second !== 'string') return problem;
  return { ...problem, object: join(webapps, second) };
}

function nothingIn(message: string): Problem {
  return { path: [], object: '--webapps', message, cure: 'See above', code: 'unreadable' };
}

function reasonOf(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return `There is no ${path}`;
  if (code === 'ENOTDIR') return `${path} is no directory`;
  return error instanceof Error ? error.message : String(error);
}
