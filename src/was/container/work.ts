import type { Work } from '../api/index.ts';

/** Whether what a method of an application returned is a promise, of this realm or of another library. */
export function isPending<T>(work: T | Promise<T>): work is Promise<T> {
  return (
    typeof work === 'object' && work !== null && 'then' in work && typeof work.then === 'function'
  );
}

/** Does something when work is over, however it ended, and passes its end on. */
export function afterwards(begin: () => Work, done: () => void): Work {
  let work: Work;
  try {
    work = begin();
  } catch (error) {
    done();
    throw error;
  }
  if (isPending(work)) return work.finally(done);
  done();
}
