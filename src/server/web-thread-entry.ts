/** Where a web thread begins: joins `WebThread` to the port of its worker. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FromThread, LEAVE_NAME, type ThreadStart, type ToThread } from './messages.ts';
import { WebThread } from './web-thread.ts';

const port = parentPort;
if (port === null) throw new TypeError('A web thread is started by the server, not by itself');

const thread = new WebThread(workerData as ThreadStart, (message) => {
  port.postMessage(message);
});
// For the main thread, which has no other way to a thread that stands still.
Reflect.set(globalThis, LEAVE_NAME, () => {
  thread.leaveSockets();
});
port.on('message', (message: ToThread) => {
  thread.take(message).catch((error: unknown) => {
    thread.defect(error);
    const failed: FromThread = {
      type: 'failed',
      reason: `"${message.type}" failed: ${String(error)}`,
    };
    port.postMessage(failed);
  });
});
// A defect outside of any request: it is written down, and what the thread serves goes on.
process.on('uncaughtException', (error) => {
  thread.defect(error);
});
port.postMessage({ type: 'ready' });
