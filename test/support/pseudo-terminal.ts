import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { eventually } from './eventually.ts';
import { peerPath } from './needs.ts';

// Says on standard error which process it has started, does there what standard input says, and shows what it shows.
const KEEPER = `
import fcntl, os, pty, struct, sys, termios, threading

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
print(pid, file=sys.stderr, flush=True)

def obey():
    for line in sys.stdin:
        word, *rest = line.split()
        if word == 'resize':
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', *map(int, rest), 0, 0))
        elif word == 'interrupt':
            os.write(terminal, b'\\x03')

threading.Thread(target=obey, daemon=True).start()
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** A program that runs at a terminal of its own, as in a window of a desktop. Needs the peer `python3`. */
export class AtTerminal {
  readonly #keeper: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;
  #shown = '';
  #said = '';

  private constructor(words: readonly string[], directory: string) {
    const env = { ...process.env };
    // The program is not part of the test run that started it.
    delete env['NODE_TEST_CONTEXT'];
    this.#keeper = spawn(peerPath('python3') ?? '', ['-c', KEEPER, ...words], {
      cwd: directory,
      env,
    });
    this.#keeper.stdout.on('data', (chunk: Buffer) => (this.#shown += chunk.toString('utf8')));
    this.#keeper.stderr.on('data', (chunk: Buffer) => (this.#said += chunk.toString('utf8')));
    this.#exited = new Promise((resolve) => this.#keeper.on('close', resolve));
  }

  /** Starts a program; resolves when the terminal shows a text. */
  static async start(
    words: readonly string[],
    directory: string,
    shows: string,
  ): Promise<AtTerminal> {
    const at = new AtTerminal(words, directory);
    await eventually(shows, () => at.shown.includes(shows));
    return at;
  }

  /** All that the program has written so far, to whichever stream. */
  get shown(): string {
    return this.#shown;
  }

  /** Number of the program's process. */
  get pid(): number {
    return Number.parseInt(this.#said, 10);
  }

  /** Resolves to the program's exit status; negative, the number of the signal that ended it. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  /** The window has another size. */
  resize(rows: number, columns: number): void {
    this.#keeper.stdin.write(`resize ${rows} ${columns}\n`);
  }

  /** Somebody types Ctrl-C. */
  interrupt(): void {
    this.#keeper.stdin.write('interrupt\n');
  }

  /** Ends the program and its terminal, if they are still there. */
  kill(): void {
    this.#keeper.kill('SIGKILL');
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
