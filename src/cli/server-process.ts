/**
 * Where a server process begins: it gives up the rights of the supervisor that started it before it loads anything
 * that touches a client, and is then told what to serve.
 */
import type { FromServer, ServerStart, ToServer } from '../server/index.ts';

/** How long requests under way have to finish once the supervisor is gone, in milliseconds. */
const ORPHAN_MS = 60_000;

function say(message: FromServer): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** As the supervisor writes it: with the numbers, which count also where a group has no name. */
interface Start extends ServerStart {
  readonly user: (NonNullable<ServerStart['user']> & Numbers) | null;
}
interface Numbers {
  readonly uid: number;
  readonly gid: number;
}

const start = JSON.parse(process.argv[2] ?? '') as Start;
// What lists of processes show, as with nginx.
process.title = 'daemun: server process';
// Signals of a terminal reach every process in it; which of them mean something is the supervisor's to say.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const) {
  process.on(signal, () => {});
}

// Node's types lack the second.
interface Rights {
  setgid?(group: number): void;
  initgroups?(user: string, group: number): void;
  setuid?(user: number): void;
}

// The groups first: the user is not allowed to change them any more.
function becomeUser(user: Start['user'], rights: Rights): void {
  if (user === null) return;
  rights.setgid?.(user.gid);
  rights.initgroups?.(user.name, user.gid);
  rights.setuid?.(user.uid);
}

// Threads that stand still do not end by themselves.
function exit(): void {
  process.exit(0); // oxlint-disable-line unicorn/no-process-exit -- as above
}

async function begin(): Promise<void> {
  becomeUser(start.user, process);
  const [{ ServerProcess }, { adminHandler }] = await Promise.all([
    import('../server/index.ts'),
    import('../admin/index.ts'),
  ]);
  const server = new ServerProcess(start, {
    say,
    end: () => {
      if (!process.connected) exit();
      // What was said last is to arrive.
      process.removeAllListeners('disconnect');
      process.once('disconnect', exit);
      process.disconnect?.();
    },
    administer: adminHandler,
  });
  const drain = (limit: number): void => {
    server.drain({ delay: 0, idle: 0, limit, replaced: false }).catch(() => process.exit(1)); // oxlint-disable-line unicorn/no-process-exit -- as above
  };
  process.on('message', (message) => {
    server.take(message as ToServer);
  });
  process.on('disconnect', () => {
    server.orphaned();
    drain(ORPHAN_MS);
  });
  // While there is a supervisor it decides, also where a signal reached all processes of a group.
  process.on('SIGTERM', () => {
    if (!process.connected) drain(0);
  });
  process.on('SIGQUIT', () => {
    if (!process.connected) drain(ORPHAN_MS);
  });
  say({ type: 'ready' });
}

begin().catch((error: unknown) => {
  const said = error instanceof Error ? error.message : String(error);
  const who = start.user === null ? '' : ` as ${start.user.name}`;
  say({ type: 'failed', reason: `The server process cannot start${who}: ${said}` });
  process.exitCode = 1;
  process.disconnect?.();
});
