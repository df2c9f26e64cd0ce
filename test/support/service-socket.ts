import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/**
 * Stands for systemd's end of sd_notify(3): takes datagrams on a socket of its own, and at each of them asks the port
 * for an answer. Node has no such sockets. systemd-notify hands over a descriptor at the end, and waits until it is closed.
 */
const SCRIPT = `
import json, os, socket, sys
path, port = sys.argv[1], int(sys.argv[2])
taking = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
taking.bind(path)
def answers():
    try:
        with socket.create_connection(('127.0.0.1', port), 1) as asking:
            asking.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n')
            return asking.recv(12).decode('latin1')
    except OSError:
        return ''
print('', flush=True)
while True:
    data, descriptors, _, _ = socket.recv_fds(taking, 4096, 8)
    words = data.decode().split('\\n')
    told = {'words': [word for word in words if word], 'answer': '' if words[0] == 'BARRIER=1' else answers()}
    for descriptor in descriptors: os.close(descriptor)
    if words[0] != 'BARRIER=1': print(json.dumps(told), flush=True)
`;

/** A message as it came, and what the port answered when it had come. */
export interface ServiceMessage {
  readonly words: readonly string[];
  /** The first 12 bytes of the answer; empty where nobody answered. */
  readonly answer: string;
}

/** See `SCRIPT`; the program is Python's. */
export class ServiceSocket {
  readonly path: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(python: string, directory: string, port: number) {
    this.path = join(directory, 'notify.sock');
    this.#child = spawn(python, ['-c', SCRIPT, this.path, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#said += chunk.toString('utf8')));
  }

  /** Resolves when the socket is there. */
  static async open(python: string, directory: string, port: number): Promise<ServiceSocket> {
    const opened = new ServiceSocket(python, directory, port);
    await eventually('the socket of the service manager', () => opened.#said !== '');
    return opened;
  }

  /** All messages so far. */
  get messages(): readonly ServiceMessage[] {
    const lines = this.#said.split('\n').slice(0, -1);
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ServiceMessage);
  }

  /** Ends the program. */
  close(): void {
    this.#child.kill('SIGKILL');
  }
}
