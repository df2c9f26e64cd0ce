/** Waking up later: `setTimeout`, which a test replaces. Answers what takes it back. */
export type Alarm = (milliseconds: number, wake: () => void) => () => void;

/** The longest time that a timer of Node takes. */
const LONGEST = 2 ** 31 - 1;

/** By `setTimeout`, also for times beyond the 24.8 days that it takes. */
export const threadAlarm: Alarm = (milliseconds, wake) => {
  let timer: NodeJS.Timeout;
  const set = (left: number): void => {
    timer = setTimeout(
      () => {
        if (left > LONGEST) set(left - LONGEST);
        else wake();
      },
      Math.min(left, LONGEST),
    );
  };
  set(milliseconds);
  return () => {
    clearTimeout(timer);
  };
};
