import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { adminHandler } from '../../src/admin/index.ts';
import { SampleView } from './admin-view.ts';
import { temporaryDirectory } from './process.ts';
import { SocketServer } from './socket-server.ts';

/** A real administration of a server that is none, on a unix socket and on a port of the loopback address. */
export class AdminServer {
  readonly token = 's3cret-token';
  readonly view = new SampleView();
  readonly audit: string[] = [];
  readonly socketPath: string;
  readonly port: number;

  private constructor(socketPath: string, port: number) {
    this.socketPath = socketPath;
    this.port = port;
  }

  /** Listens until its test ends. */
  static async open(t: TestContext): Promise<AdminServer> {
    const directory = temporaryDirectory();
    const path = join(directory, 'admin.sock');
    // The handler of the port needs the number of the port.
    const onPort = await SocketServer.open((exchange) => {
      overTcp.onExchange(exchange);
    });
    const server = new AdminServer(path, onPort.port);
    const audit = (line: string): void => void server.audit.push(line);
    const hosts = [`127.0.0.1:${onPort.port}`];
    const overTcp = adminHandler(server.view, { kind: 'tcp', hosts, token: server.token }, audit);
    const overSocket = adminHandler(server.view, { kind: 'unix' }, audit);
    const onSocket = await SocketServer.open(
      (exchange) => {
        overSocket.onExchange(exchange);
      },
      { target: { path } },
    );
    t.after(async () => {
      await onPort.close();
      await onSocket.close();
      rmSync(directory, { recursive: true, force: true });
    });
    return server;
  }
}
