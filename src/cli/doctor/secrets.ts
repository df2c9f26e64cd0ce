import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';
import { quoted } from './serving-rights.ts';

const CHECK = 'secrets';
const READ_BY_GROUP = 0o040;
const READ_BY_ALL = 0o004;

/** Whether others can read the private keys of certificates, and the token of the administration. */
export function checkSecrets(
  { look }: Pick<Machine, 'look'>,
  { keys, administration }: Pick<Demand, 'keys' | 'administration'>,
): readonly Finding[] {
  const token = administration?.tokenFile;
  const findings: Finding[] = [];
  for (const key of keys) {
    // A group for those who may is customary: Debian has ssl-cert.
    if (((look(key)?.mode ?? 0) & READ_BY_ALL) === 0) continue;
    findings.push({
      check: CHECK,
      level: 'problem',
      what: `Every user of this machine can read the private key ${key}`,
      why: 'Who has it can pass for the site. Let only who starts the server read it: the user who serves need not.',
      cure: `chmod 600 ${quoted(key)}`,
    });
  }
  if (token !== undefined && ((look(token)?.mode ?? 0) & (READ_BY_ALL | READ_BY_GROUP)) !== 0)
    findings.push({
      check: CHECK,
      level: 'problem',
      what: `Other users can read the token ${token}`,
      why: '"daemun run" does not start: who has it can end the server.',
      cure: `chmod 600 ${quoted(token)}`,
    });
  const count = keys.length + (token === undefined ? 0 : 1);
  if (findings.length > 0 || count === 0) return findings;
  const what = `${count} file${count === 1 ? ' with a secret is' : 's with secrets are'} closed to other users`;
  return [{ check: CHECK, level: 'ok', what }];
}
