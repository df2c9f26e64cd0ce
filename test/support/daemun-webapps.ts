/** Web applications of a test, served over real sockets. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/index.ts';
import { stackText } from '../../src/pipeline/index.ts';
import { type Application, Container, startApplication } from '../../src/was/container/index.ts';
import { DEFAULT_WEB_APP, readWebXml } from '../../src/was/descriptor/index.ts';
import { MemorySite } from './memory-site.ts';
import { SocketServer } from './socket-server.ts';

/** Applications at work. */
export interface DaemunWebapps {
  readonly port: number;
  /** What the applications and the server logged. */
  readonly log: readonly string[];
  readonly applications: readonly Application[];
  stop(): Promise<void>;
}

/** Serves each folder in `directory` as a context named after it, as Tomcat does: `a#b` is `/a/b`, `ROOT` the root. */
export async function startDaemunWebapps(
  directory: string,
  options: { readonly route?: string } = {},
): Promise<DaemunWebapps> {
  const log: string[] = [];
  const temporary = mkdtempSync(join(tmpdir(), 'daemun-webapps-'));
  const applications: Application[] = [];
  for (const folder of readdirSync(directory).toSorted()) {
    const root = join(directory, folder);
    const descriptor = join(root, 'WEB-INF/web.xml');
    const { model, problems } = existsSync(descriptor)
      ? readWebXml(readFileSync(descriptor, 'utf8'), descriptor)
      : { model: DEFAULT_WEB_APP, problems: [] };
    assert.ok(model !== null, `${descriptor}: ${JSON.stringify(problems, null, 1)}`);
    const started = await startApplication(
      model,
      {
        contextPath: folder === 'ROOT' ? '' : `/${folder.replaceAll('#', '/')}`,
        virtualHost: 'localhost',
        serverInfo: 'Daemun/test',
        root,
        route: options.route ?? null,
        temporary,
      },
      {
        clock: systemClock,
        random: randomBytes,
        log: (message, error) =>
          void log.push(error === undefined ? message : `${message} ${stackText(error)}`),
      },
    );
    if (Array.isArray(started)) throw new Error(`${folder}: ${JSON.stringify(started, null, 1)}`);
    applications.push(started as Application);
  }
  const site = new MemorySite(
    { localhost: { '/*': { handlers: [new Container(applications)] } } },
    { level: 'info' },
  );
  const server = await SocketServer.open((exchange) => site.pipeline.onExchange(exchange), {
    budget: 64 << 20,
  });
  return {
    port: server.port,
    get log() {
      return [...log, ...site.errorLines];
    },
    applications,
    stop: async () => {
      await server.close();
      for (const application of applications) await application.stop();
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}
