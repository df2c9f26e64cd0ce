/** Tomcat and our container with the same application, asked the same. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DaemunWebapps, startDaemunWebapps } from './daemun-webapps.ts';
import { freePort, temporaryDirectory, type TestProcess } from './process.ts';
import { type RawAnswer, RawClient } from './raw-client.ts';
import { startTomcat } from './tomcat.ts';
import { type Asked, DIFFERENCES, type Difference, factsOf, plant } from './tomcat-files.ts';

/** Both serve the tree of `tomcat-files.ts` at the root. */
export class TomcatPair {
  readonly #tomcat: TestProcess;
  readonly #daemun: DaemunWebapps;
  readonly #theirs: RawClient;
  readonly #ours: RawClient;

  private constructor(tomcat: TestProcess, port: number, daemun: DaemunWebapps) {
    this.#tomcat = tomcat;
    this.#daemun = daemun;
    this.#theirs = new RawClient(port, { closesUnannounced: true });
    this.#ours = new RawClient(daemun.port, { closesUnannounced: true });
  }

  /** `pages` are for Tomcat, `files` what our application has in place of them, by path. */
  static async start(
    pages: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, string>> = {},
  ): Promise<TomcatPair> {
    const port = await freePort();
    const tomcat = await startTomcat(port, { pages });
    try {
      plant(join(tomcat.directory, 'webapps/ROOT'));
      const webapps = temporaryDirectory();
      cpSync(join(tomcat.directory, 'webapps'), webapps, {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
      for (const [name, text] of Object.entries(files)) {
        const file = join(webapps, 'ROOT', name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      return new TomcatPair(tomcat, port, await startDaemunWebapps(webapps));
    } catch (error) {
      await tomcat.stop();
      throw error;
    }
  }

  /** Asks both, and gives our answer. Throws where they differ, but as `differences` say, the first that applies. */
  async assertSame(
    asked: Asked,
    differences: readonly Difference[] = DIFFERENCES,
    reduce = factsOf,
  ): Promise<RawAnswer> {
    const text = `${asked.method} ${asked.target} HTTP/1.1\r\nHost: localhost\r\n${asked.fields}\r\n`;
    const [theirs, ours] = await Promise.all([this.#theirs.ask(text), this.#ours.ask(text)]);
    const facts = reduce(theirs);
    const difference = differences.find(({ applies }) => applies(asked, facts));
    const expected = difference?.ours(facts, asked) ?? facts;
    const message = `${text}${difference?.reason ?? ''}`;
    // A difference that is none any more has to leave the list.
    if (difference !== undefined) assert.notDeepEqual(expected, facts, message);
    assert.deepEqual(reduce(ours), expected, message);
    return ours;
  }

  async stop(): Promise<void> {
    this.#theirs.close();
    this.#ours.close();
    await Promise.all([this.#tomcat.stop(), this.#daemun.stop()]);
  }
}

/** The words of a text, which may have line ends between them. */
export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
