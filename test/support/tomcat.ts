import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { temporaryDirectory, TestProcess } from './process.ts';

const HOME = '/usr/share/tomcat10';
const EXAMPLES = '/usr/share/tomcat10-examples/examples';

/** Many applications would take long to look through the same libraries for tags. */
const CONTEXT = `<Context>
  <JarScanner scanClassPath="false" scanManifest="false">
    <JarScanFilter defaultTldScan="false" defaultPluggabilityScan="false" />
  </JarScanner>
</Context>
`;

/** What a Tomcat of a test serves and writes. */
export interface TomcatOptions {
  /**
   * Serves its examples application below `/examples`, with redirects that name the host; otherwise there
   * is an empty one at `/`.
   */
  readonly examples?: boolean;
  /** Directory in which `access.log` gets a line for each request: status and request line. */
  readonly logs?: string;
  /** A second connector, for AJP. */
  readonly ajp?: TomcatAjp;
  /** Pages of the application at `/`, by file name. */
  readonly pages?: Readonly<Record<string, string>>;
  /**
   * A folder of applications to serve in place of the one at `/`, each named after its path: `a#b` is at `/a/b`,
   * `ROOT` at `/`.
   */
  readonly webapps?: string;
  /** The configuration to start with, where what is made of the other options does not do. */
  readonly serverXml?: string;
}

/** What an AJP connector is told. */
export interface TomcatAjp {
  readonly port: number;
  /** Null for none, which has to be said as well. */
  readonly secret: string | null;
  readonly packetSize: number;
  /** Attributes that it takes beside those that it knows. */
  readonly allowed?: string;
}

/** Starts Tomcat with an HTTP connector on `port` and waits until its applications answer. */
export async function startTomcat(port: number, options: TomcatOptions = {}): Promise<TestProcess> {
  const directory = temporaryDirectory();
  for (const name of ['logs', 'temp', 'work', 'webapps/ROOT']) {
    mkdirSync(join(directory, name), { recursive: true });
  }
  cpSync(join(HOME, 'etc'), join(directory, 'conf'), { recursive: true });
  for (const [name, text] of Object.entries(options.pages ?? {}))
    writeFileSync(join(directory, 'webapps/ROOT', name), text);
  writeFileSync(join(directory, 'conf/server.xml'), options.serverXml ?? serverXml(port, options));
  if (options.webapps !== undefined) writeFileSync(join(directory, 'conf/context.xml'), CONTEXT);
  const tomcat = await TestProcess.start(join(HOME, 'bin/catalina.sh'), ['run'], port, directory, {
    CATALINA_HOME: HOME,
    CATALINA_BASE: directory,
    CATALINA_TMPDIR: join(directory, 'temp'),
    // Started for a short while on a machine that does other things too.
    CATALINA_OPTS: '-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  });
  try {
    // The port takes connections well before the applications are there.
    const isOver = (): boolean => !tomcat.running || tomcat.output.includes('Server startup in');
    if (options.webapps !== undefined) await patiently(isOver);
    await eventually('the start of Tomcat', isOver);
    if (!tomcat.running) throw new Error('It ended');
  } catch (error) {
    const { output } = tomcat;
    await tomcat.stop();
    throw new Error(`Tomcat did not start: ${output}`, { cause: error });
  }
  return tomcat;
}

/** Many applications may take longer than `eventually` waits. */
async function patiently(holds: () => boolean): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- it looks again and again
  for (let i = 0; i < 1000 && !holds(); i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function ajpConnector({ port, secret, packetSize, allowed }: TomcatAjp): string {
  const security = secret === null ? 'secretRequired="false"' : `secret="${secret}"`;
  const attributes = allowed === undefined ? '' : `allowedRequestAttributesPattern="${allowed}"`;
  return `<Connector address="127.0.0.1" port="${port}" protocol="AJP/1.3" packetSize="${packetSize}"
               allowTrace="true" maxPostSize="-1" ${security} ${attributes} />`;
}

function serverXml(port: number, options: TomcatOptions): string {
  const { examples = false, logs, ajp, webapps } = options;
  const context = examples
    ? `<Context path="/examples" docBase="${EXAMPLES}" useRelativeRedirects="false" />`
    : '<Context path="" docBase="ROOT" />';
  const host =
    webapps === undefined
      ? '<Host name="localhost" appBase="webapps" autoDeploy="false" deployOnStartup="false">'
      : `<Host name="localhost" appBase="${webapps}" autoDeploy="false" startStopThreads="2">`;
  const log =
    logs === undefined
      ? ''
      : `<Valve className="org.apache.catalina.valves.AccessLogValve" directory="${logs}" prefix="access"
           suffix=".log" rotatable="false" buffered="false" pattern="%s %r" />`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1" shutdown="SHUTDOWN">
  <Listener className="org.apache.catalina.core.JreMemoryLeakPreventionListener" />
  <Service name="Catalina">
    <Connector address="127.0.0.1" port="${port}" protocol="HTTP/1.1" connectionTimeout="60000"
               maxKeepAliveRequests="-1" allowTrace="true" />
    ${ajp === undefined ? '' : ajpConnector(ajp)}
    <Engine name="Catalina" defaultHost="localhost">
      ${host}
        ${webapps === undefined ? context : ''}
        ${log}
      </Host>
    </Engine>
  </Service>
</Server>
`;
}
