/** `daemun top`: what a server is doing, as it does it. */
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '../base/index.ts';
import { type AdminAddress, AdminClient, AdminError } from './admin-client.ts';
import { administrate } from './admin-command.ts';
import { glyphsFor } from './bar-chart.ts';
import { type CommandOutput, terminalOutput } from './command-output.ts';
import {
  type Canvas,
  FullScreen,
  type KeySource,
  type ProcessEvents,
  type ScreenListener,
} from './full-screen.ts';
import { printLines } from './status.ts';
import { paint } from './styled-text.ts';
import { nextTop, type TopState } from './top-state.ts';
import { drawTop, type TopView } from './top-view.ts';

/** A terminal that pictures can be shown on. */
export interface TopTerminal {
  readonly input: KeySource;
  readonly output: Canvas;
  /** Where signals come. */
  readonly events: ProcessEvents;
}

/** What `daemun top` is asked for. */
export interface TopOptions {
  /** Which server, by the socket or the address of its administration. */
  readonly server: AdminAddress;
  /** Milliseconds between two reports. @default 1000 */
  readonly interval?: number;
  /** Where the pictures go; null prints one and ends. @default standard input and output, where they are a terminal */
  readonly terminal?: TopTerminal | null;
  /** For characters beyond ASCII. @default what LC_ALL, LC_CTYPE or LANG says */
  readonly utf8?: boolean;
}

const SNAPSHOT_COLUMNS = 100;
const ASSUMED = { columns: 80, rows: 24 };

/**
 * Shows the server until `q`; at what is no terminal it prints one picture and ends. Resolves to the exit status, 128
 * and its number for a signal.
 */
export async function top(
  options: TopOptions,
  output: CommandOutput = terminalOutput(),
  clock: Clock = systemClock,
): Promise<number> {
  const { server, interval = 1000, utf8 = showsUtf8(process.env) } = options;
  const terminal = options.terminal === undefined ? ownTerminal(output) : options.terminal;
  const glyphs = glyphsFor(utf8, output.colour);
  return administrate(output, async () => {
    const client = new AdminClient(server);
    // Before the terminal is taken over: a server that is not there is no picture.
    const first = nextTop(null, await client.status(), clock.monotonic());
    if (terminal !== null) {
      const live = { client, terminal, interval, clock, colour: output.colour, glyphs };
      return new LiveTop(first, live).run();
    }
    await pause(interval);
    const state = nextTop(first, await client.status(), clock.monotonic());
    const view = {
      state,
      trouble: null,
      paused: false,
      help: false,
      time: '',
      keys: false,
      glyphs,
    };
    printLines(drawTop(view, { columns: SNAPSHOT_COLUMNS, rows: Infinity }), output);
    return 0;
  });
}

function ownTerminal({ isTerminal }: CommandOutput): TopTerminal | null {
  const { stdin: input, stdout } = process;
  return isTerminal && input.isTTY ? { input, output: stdout, events: process } : null;
}

/** Whether the environment says that the terminal shows UTF-8 (POSIX: the first of the three that is set counts). */
export function showsUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG']
    .map((name) => environment[name])
    .find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}

interface Live {
  readonly client: AdminClient;
  readonly terminal: TopTerminal;
  readonly interval: number;
  readonly clock: Clock;
  readonly colour: boolean;
  readonly glyphs: TopView['glyphs'];
}

class LiveTop {
  readonly #live: Live;
  readonly #screen: FullScreen;
  readonly #ended = Promise.withResolvers<number>();
  #state: TopState;
  #trouble: string | null = null;
  #time: string;
  #paused = false;
  #help = false;
  #isOver = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(state: TopState, live: Live) {
    this.#live = live;
    this.#state = state;
    this.#time = timeOfDay(live.clock);
    const { input, output, events } = live.terminal;
    const listener: ScreenListener = {
      onKey: (key) => {
        this.#press(key);
      },
      onRedraw: () => {
        this.#draw();
      },
      onEnd: (signal) => {
        this.#end(signal === null ? 0 : 128 + constants.signals[signal]);
      },
    };
    this.#screen = new FullScreen(input, output, listener, events);
  }

  async run(): Promise<number> {
    try {
      this.#screen.open();
      this.#draw();
      this.#wait();
      return await this.#ended.promise;
    } finally {
      this.#screen.close();
    }
  }

  #end(status: number): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#ended.resolve(status);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#look().catch((error: unknown) => {
        // A defect: the terminal is given back before it is told.
        this.#isOver = true;
        this.#ended.reject(error);
      });
    }, this.#live.interval);
  }

  async #look(): Promise<void> {
    if (!this.#paused) await this.#ask();
    if (!this.#isOver) this.#wait();
  }

  async #ask(): Promise<void> {
    const { client, clock } = this.#live;
    const before = this.#state;
    let state = before;
    let trouble: string | null = null;
    try {
      state = nextTop(before, await client.status(), clock.monotonic());
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      trouble = error.message;
    }
    // A picture that was held meanwhile stays as it is.
    if (this.#paused) return;
    if (trouble === null) this.#time = timeOfDay(clock);
    this.#state = state;
    this.#trouble = trouble;
    this.#draw();
  }

  #press(key: string): void {
    switch (key) {
      case 'q':
      case 'Q':
      case '\u0003':
        this.#end(0);
        return;
      case 'p':
      case 'P':
        this.#paused = !this.#paused;
        break;
      case 'h':
      case 'H':
      case '?':
        this.#help = !this.#help;
        break;
      case '\u001b':
        this.#help = false;
        break;
      default:
        return;
    }
    this.#draw();
  }

  #draw(): void {
    if (this.#isOver) return;
    // A terminal that does not know its size says 0.
    const columns = this.#screen.columns || ASSUMED.columns;
    const rows = this.#screen.rows || ASSUMED.rows;
    const { colour, glyphs } = this.#live;
    const view: TopView = {
      state: this.#state,
      trouble: this.#trouble,
      paused: this.#paused,
      help: this.#help,
      time: this.#time,
      keys: true,
      glyphs,
    };
    this.#screen.draw(drawTop(view, { columns, rows }).map((line) => paint(line, colour)));
  }
}

function timeOfDay(clock: Clock): string {
  return new Date(clock.wall()).toTimeString().slice(0, 8);
}
