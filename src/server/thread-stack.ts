/**
 * What a thread runs that answers nobody: V8's debugger is asked from the main thread of the process to halt the other
 * for a moment. Nothing is opened to the outside, and the debugger leaves again.
 */
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/** How long a thread has to halt, in milliseconds; in a call of the system it never does. */
const PATIENCE_MS = 1000;
const MOST_FRAMES = 8;

interface Frame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number };
}

interface FromWorker {
  readonly method?: string;
  readonly params?: {
    readonly callFrames?: readonly Frame[];
    readonly scriptId?: string;
    readonly url?: string;
  };
}

/**
 * The functions that a thread is in, the innermost first, as `name (file:line)`; empty where it does not halt, as in a
 * call of the system. `name` is what the `Worker` was named. It runs `expression` while it halts, if there is one.
 */
export async function stackOf(name: string, expression?: string): Promise<readonly string[]> {
  const session = new Session();
  session.connect();
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  // A thread that is in a call of the system halts when it comes back, however late that is: the session stays until
  // then, to let it go on.
  const late = setTimeout(() => {
    resolve([]);
    if (workerSession === '') session.disconnect();
  }, PATIENCE_MS);
  const scripts = new Map<string, string>();
  let workerSession = '';
  let messages = 0;
  const send = (method: string, words: object = {}): void => {
    const message = JSON.stringify({ id: ++messages, method, params: words });
    session.post('NodeWorker.sendMessageToWorker', { sessionId: workerSession, message });
  };
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    // The number that the debugger knows it by is not that of `Worker`.
    if (!params.workerInfo.title.endsWith(`] ${name}`)) return;
    workerSession = params.sessionId;
    send('Debugger.enable');
    send('Debugger.pause');
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    if (params.sessionId !== workerSession) return;
    const { method, params: said } = JSON.parse(params.message) as FromWorker;
    if (method === 'Debugger.scriptParsed') scripts.set(said?.scriptId ?? '', said?.url ?? '');
    if (method !== 'Debugger.paused') return;
    clearTimeout(late);
    const [innermost] = said?.callFrames ?? [];
    if (expression !== undefined && innermost !== undefined) {
      const { callFrameId } = innermost;
      send('Debugger.evaluateOnCallFrame', { callFrameId, expression, silent: true });
    }
    send('Debugger.resume');
    send('Debugger.disable');
    resolve((said?.callFrames ?? []).slice(0, MOST_FRAMES).map((frame) => textOf(frame, scripts)));
    // Behind the messages to the thread.
    session.post('NodeWorker.disable', () => {
      session.disconnect();
    });
  });
  session.on('NodeWorker.detachedFromWorker', ({ params }) => {
    if (params.sessionId === workerSession) resolve([]);
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  return promise;
}

function textOf({ functionName, location }: Frame, scripts: ReadonlyMap<string, string>): string {
  const url = scripts.get(location.scriptId) ?? '';
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  return `${functionName === '' ? '(anonymous)' : functionName} (${file}:${location.lineNumber + 1})`;
}
