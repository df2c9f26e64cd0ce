import type { Work } from '../api/index.ts';

/** Whether what a method of an application returned is a promise, of this realm or of another library. */
export function isPending<T>(work: T | Promise<T>): work is Promise<T> {
  return (
    typeof work === 'object' && work !== null && 'then' in work && typeof work.then === 'function'
  );
}

/** Does something when work is over, told whether it was done or failed, and passes its end on. */
export function afterwards(begin: () => Work, end: (isDone: boolean) => void): Work {
  let work: Work;
  try {
    work = begin();
  } catch (error) {
    end(false);
    throw error;
  }
  if (!isPending(work)) {
    end(true);
    return;
  }
  return Promise.resolve(work).then(
    () => end(true),
    (error: unknown) => {
      end(false);
      throw error;
    },
  );
}
