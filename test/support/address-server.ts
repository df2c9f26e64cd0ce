import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/index.ts';
import { type ConfigModel, resolveConfig } from '../../src/config/index.ts';
import { type Refusal, Supervisor } from '../../src/supervisor/index.ts';
import { ROOT, SERVER_ENTRY } from './process.ts';

/** What each address answers; a port, an address, or an address with options. */
export type Answers = readonly (readonly [listen: unknown, body: string])[];

function configOf(threads: number, answers: Answers): ConfigModel {
  const sites = answers.map(([listen, body]) => [
    body,
    { listen: [listen], routes: { '/': { respond: 200, body } } },
  ]);
  const user = ROOT === undefined ? {} : { user: ROOT };
  const input = { threads, ...user, logs: { access: 'off' }, sites: Object.fromEntries(sites) };
  const loaded = resolveConfig(input, { directory: '/' });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  return loaded.model;
}

/** A supervisor of its own whose server processes serve sites that answer with their name, each on one address. */
export class AddressServer {
  threads: number;
  /** What went wrong by itself. */
  readonly troubles: string[] = [];
  readonly supervisor = new Supervisor({
    program: { entry: SERVER_ENTRY, flags: [] },
    serverName: 'Daemun',
    clock: systemClock,
    version: '0.0.0',
    configFile: null,
    onReload: () => Promise.resolve({ taken: false, reasons: '', ending: false }),
    onStop: () => {},
    onTrouble: (sentence) => this.troubles.push(sentence),
  });

  constructor(t: TestContext, threads: number) {
    this.threads = threads;
    t.after(() => this.supervisor.stop(0));
  }

  /** Serves at first; resolves to what is announced. */
  async start(answers: Answers): Promise<readonly (readonly [key: string, port: number])[]> {
    const served = await this.supervisor.apply(configOf(this.threads, answers));
    assert.ok(!('problems' in served), JSON.stringify(served));
    return served.map(({ key, port }) => [key, port]);
  }

  /** Null where it is served now, otherwise what is said of it. */
  async apply(answers: Answers): Promise<Refusal['problems'] | null> {
    const served = await this.supervisor.apply(configOf(this.threads, answers));
    return 'problems' in served ? served.problems : null;
  }
}
