/**
 * What limits do while another thread stands still on a key: for a few milliseconds where it lost its processor, until it
 * was repaired where it is dead. To let requests pass meanwhile would be to let in hundreds; so they wait, and hold
 * nothing.
 */
import { type Context, NEXT, type Outcome } from '../../pipeline/index.ts';
import type { Alarm } from './alarm.ts';
import { goOn, pause } from './pause.ts';

/** How long a request waits before it looks again, in milliseconds. */
const LOOK_AGAIN_MS = 2;
/** How often it looks again: for two seconds, or somewhat more. */
export const LOOKS_MAX = 1000;

/**
 * Has a request look again, which it has done `looks` times already; `look` answers as a handler does. In the end it lets the
 * request pass uncounted, and says so in the log.
 */
export function lookAgain(
  context: Context,
  alarm: Alarm,
  looks: number,
  look: () => Outcome,
): Outcome {
  if (looks >= LOOKS_MAX) {
    const said = 'A thread stands still on what limits count; the request passes uncounted';
    context.errorLog.log('warn', said, context);
    return NEXT;
  }
  const stop = alarm(LOOK_AGAIN_MS, () => {
    goOn(context, look);
  });
  return pause(context, stop);
}
