import { foreignHand } from './access.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';
import { quoted } from './serving-rights.ts';

const CHECK = 'configuration';

/** Whether others can change the configuration file, which is a program that whoever starts the server runs. */
export function checkConfigRights({
  configFile,
  self,
  look,
}: Pick<Machine, 'configFile' | 'self' | 'look'>): readonly Finding[] {
  if (configFile === null) return [];
  const hand = foreignHand(configFile, self, look);
  if (hand === null)
    return [
      {
        check: CHECK,
        level: 'ok',
        what: `Nobody but ${self.uid === 0 ? 'root' : `${self.name} and root`} can change ${configFile}`,
      },
    ];
  const isRoot = self.uid === 0;
  return [
    {
      check: CHECK,
      level: isRoot ? 'problem' : 'note',
      what: `Others than ${isRoot ? 'root' : `${self.name} and root`} can change ${hand === configFile ? hand : `${configFile} through ${hand}`}`,
      why: `It is evaluated as ${self.name}, at the start and on every HUP: they can run anything as ${self.name}.`,
      cure: isRoot
        ? `chown root:root ${quoted(hand)} && chmod go-w ${quoted(hand)}`
        : `chmod go-w ${quoted(hand)}`,
    },
  ];
}
