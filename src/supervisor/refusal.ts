/** Why a configuration is not served, as problems that a person can act on. */
import type { ConfigModel } from '../config/index.ts';
import {
  endpointText,
  type Path,
  type Place,
  type Problem,
  problemAt,
  renderPath,
} from '../schema/index.ts';
import type { SiteFault } from '../server/port.ts';
import { type OpenFault, openingFault } from './open-fault.ts';

/** Nothing of the configuration is served; the one before, where there is one, still is. */
export interface Refusal {
  readonly problems: readonly Problem[];
  /** The addresses among the problems, which are their last. */
  readonly openFaults: readonly OpenFault[];
}

/** What was found when the configuration was built and its addresses were opened. */
export function refusal(
  siteFaults: readonly SiteFault[],
  openFaults: readonly OpenFault[],
): Refusal {
  const problems: Problem[] = [];
  // Sites that share a log share what is wrong with it, and so do threads.
  const told = new Set<string>();
  for (const { path, message, cure } of siteFaults) {
    const text = JSON.stringify([path, message]);
    if (told.has(text)) continue;
    told.add(text);
    problems.push({ path, object: renderPath(path), message, cure, code: 'wrong-form' });
  }
  for (const fault of openFaults)
    problems.push({ path: [], object: `listen ${fault.key}`, ...openingFault(fault) });
  return { problems, openFaults };
}

/** The problems of a refusal with their places in the file that the configuration was read from. */
export function locateRefusal(
  { problems, openFaults }: Refusal,
  config: ConfigModel,
  place: Place,
): readonly Problem[] {
  const listens = new Map<string, Path>();
  for (const [host, { listen }] of Object.entries(config.sites))
    for (const [index, { endpoint }] of listen.entries()) {
      const key = endpointText(endpoint);
      if (!listens.has(key)) listens.set(key, ['sites', host, 'listen', index]);
    }
  return [
    ...problems
      .slice(0, problems.length - openFaults.length)
      .map((problem) => problemAt(place, problem.path, problem)),
    ...openFaults.map((fault) =>
      problemAt(place, listens.get(fault.key) ?? ['sites'], openingFault(fault)),
    ),
  ];
}
