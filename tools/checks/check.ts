import type { Project } from '../source-tree.ts';

/** One step of `npm run check`: a name for its line, and a run that gives one text for each problem found. */
export interface Check {
  readonly name: string;
  /** An empty list is a pass; a rejected promise is a failure whose message is shown. */
  readonly run: (project: Project) => Promise<readonly string[]> | readonly string[];
}
