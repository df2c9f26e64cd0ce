/**
 * A program in the background, seen from itself. The command that started it (`daemon.ts`) shows what it says, and ends
 * when it serves.
 */

/** Tells the program that it is to serve in the background. */
export const BACKGROUND_VARIABLE = 'DAEMUN_BACKGROUND';

/** What the program says to the command. */
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

/** Has the command show a text; false where none waits. */
export function tellCommand(text: string, isError: boolean): boolean {
  if (!isInBackground || !process.connected) return false;
  say({ text, isError }, () => {});
  return true;
}

/** Lets the command end, because the program serves. */
export function letCommandEnd(): void {
  if (!isInBackground || !process.connected) return;
  say({ serves: true }, () => {
    process.disconnect?.();
  });
}
