import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'clock';
const DAY_MS = 86_400_000;

/** Whether something keeps the clock; how far it is off no file of the system tells. */
export function checkClock({
  clock: { state, by, now, installed },
}: Pick<Machine, 'clock'>): readonly Finding[] {
  if (now < installed - DAY_MS)
    return [
      {
        check: CHECK,
        level: 'problem',
        what: `It is ${day(now)} by the clock, before this program was installed (${day(installed)})`,
        why: 'Dates in logs and answers are wrong: browsers keep files too long, and certificates do not count.',
        cure: 'timedatectl set-ntp true\n# without systemd: chronyd -q, or the time daemon that the machine has',
      },
    ];
  switch (state) {
    case 'synchronised':
      return [{ check: CHECK, level: 'ok', what: `Synchronised, says ${by ?? 'the system'}` }];
    case 'kept':
      return [
        {
          check: CHECK,
          level: 'ok',
          what: `${by ?? 'A time daemon'} runs; ask it whether it is in step (chronyc tracking, ntpq -p)`,
        },
      ];
    case 'host':
      return [{ check: CHECK, level: 'ok', what: 'That of the machine outside of the container' }];
    case 'unknown':
      return [
        {
          check: CHECK,
          level: 'note',
          what: 'Nothing that keeps the clock is seen to run',
          why: 'Log times, Last-Modified and certificates go by it; a virtual machine may have it from its host.',
          cure: 'timedatectl set-ntp true\n# without systemd: apt install chrony',
        },
      ];
  }
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
