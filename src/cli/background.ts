/**
 * A program in the background, seen from itself. Who started it hears what it says until it serves: the command, which
 * shows it and ends then (`daemon.ts`), or the program of before, which has a log for it (`upgrade.ts`).
 */

/** Tells the program that it is to serve in the background. */
export const BACKGROUND_VARIABLE = 'DAEMUN_BACKGROUND';

/** What the program says to who started it. */
export type FromBackground =
  | { readonly text: string; readonly isError: boolean }
  | { readonly serves: true };

/** Whether this program was started in the background. */
export const isInBackground =
  process.env[BACKGROUND_VARIABLE] !== undefined && process.send !== undefined;
// Nobody who is started by this program is to take it for meant for itself.
delete process.env[BACKGROUND_VARIABLE];

function say(message: FromBackground, then: () => void): void {
  process.send?.(message, undefined, undefined, then);
}

/** Tells who started it a text; false where nobody waits for one. */
export function tellStarter(text: string, isError: boolean): boolean {
  if (!isInBackground || !process.connected) return false;
  say({ text, isError }, () => {});
  return true;
}

/** Lets who started it go its way, because the program serves. */
export function releaseStarter(): void {
  if (!isInBackground || !process.connected) return;
  say({ serves: true }, () => {
    process.disconnect?.();
  });
}
