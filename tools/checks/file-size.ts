import type { Check } from './check.ts';

const MOST_LINES = 600;

/** No file is longer than 600 lines: beyond that it holds a second idea and is split by it. */
export const fileSizeCheck: Check = {
  name: 'file size',
  run: (project) =>
    project.sources().flatMap(({ path, text }) => {
      const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
      if (lines <= MOST_LINES) return [];
      return [`${path}: ${lines} lines, ${MOST_LINES} allowed; split it by idea`];
    }),
};
