/** Users and groups of the system, as the supervisor has to know them to give up its rights. */
import { execFileSync } from 'node:child_process';
import type { Judge } from '../config/index.ts';
import { type Fault, isPlainObject, ownValue, type PlacedFault } from '../schema/index.ts';
import type { ProcessModel } from './options.ts';

/** Whom a server process becomes. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Name and number of its main group, or of the one that was named. */
  readonly group: string;
  readonly gid: number;
}

/** Looks something up: `id` as a program, with these words; null where it knows no such user, or is not there. */
type AskId = (...words: readonly string[]) => string | null;
/** Looks a group up: its number; null where there is none. */
type AskGroup = (name: string) => number | null;

/** Who answers questions about users; the system unless said. */
export interface Accounts {
  readonly id: AskId;
  readonly group: AskGroup;
}

/** User that serves where root does not say otherwise, as in nginx. */
const UNPRIVILEGED = 'nobody';

/** Whether this process may become another user. */
export function mayBecomeOthers(): boolean {
  return process.getuid?.() === 0;
}

/** The account that serves; null where this process stays who it is. Throws a `RangeError` where there is none. */
export function accountOf(
  { user, group }: Partial<Pick<ProcessModel, 'user' | 'group'>>,
  accounts: Accounts = system,
  isRoot: boolean = mayBecomeOthers(),
): Account | null {
  if (!isRoot) return null;
  const name = user ?? UNPRIVILEGED;
  const fault =
    userFault(name, accounts) ?? (group === undefined ? null : groupFault(group, accounts));
  if (fault !== null) throw new RangeError(fault.message);
  // A user may be named by number; other groups are found by the name.
  const [own, uid, main, mainGroup] = ['-un', '-u', '-g', '-gn'].map((word) =>
    accounts.id(word, name),
  );
  const gid = group === undefined ? Number(main) : (accounts.group(group) ?? Number(main));
  return { name: own ?? name, uid: Number(uid), group: group ?? mainGroup ?? String(gid), gid };
}

function userFault(name: string, accounts: Accounts): Fault | null {
  if (!name.startsWith('-') && accounts.id('-u', name) !== null) return null;
  if (/^[0-9]+$/.test(name)) {
    return {
      code: 'unknown-reference',
      message: `There is no user with the number ${name} on this machine`,
      cure: 'Name one that "getent passwd" shows, or create it: "useradd --system NAME"',
    };
  }
  return {
    code: 'unknown-reference',
    message: `There is no user ${JSON.stringify(name)} on this machine`,
    cure: `Name one that "getent passwd" shows, or create it: "useradd --system ${name}"`,
  };
}

function groupFault(name: string, accounts: Accounts): Fault | null {
  if (accounts.group(name) !== null) return null;
  return {
    code: 'unknown-reference',
    message: `There is no group ${JSON.stringify(name)} on this machine`,
    cure: `Name one that "getent group" shows, or create it: "groupadd --system ${name}"`,
  };
}

/** Judges the names of user and group in a configuration: whether the system knows them. */
export function judgeAccounts(accounts: Accounts = system): Judge {
  return (input) => {
    const faults: PlacedFault[] = [];
    if (!isPlainObject(input)) return faults;
    const [user, group] = [ownValue(input, 'user'), ownValue(input, 'group')];
    const wrong = typeof user === 'string' && user !== '' ? userFault(user, accounts) : null;
    if (wrong !== null) faults.push({ path: ['user'], fault: wrong });
    const none = typeof group === 'string' && group !== '' ? groupFault(group, accounts) : null;
    if (none !== null) faults.push({ path: ['group'], fault: none });
    return faults;
  };
}

// Node shows neither; the programs know users that are not in /etc/passwd as well.
const system: Accounts = {
  id: (...words) => run('id', words),
  group: (name) => {
    if (name.startsWith('-')) return null;
    const number = run('getent', ['group', name])?.split(':')[2];
    return number === undefined ? null : Number(number);
  },
};

function run(program: string, words: readonly string[]): string | null {
  try {
    return execFileSync(program, words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
