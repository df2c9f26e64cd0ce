import type { Check } from './check.ts';

/** Every file parses: the checks that read syntax trees would pass over what a broken file does not show them. */
export const parseCheck: Check = {
  name: 'parse',
  run: (project) =>
    project
      .sources()
      .flatMap(({ path, shape }) => shape.errors.map(({ message }) => `${path}: ${message}`)),
};
