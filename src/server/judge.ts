/**
 * Judges the texts of a configuration that the schema cannot: which variables exist is known to the
 * pipeline and to the expressions of the configuration itself, which fields may be changed to the filter
 * that changes them. It asks the very code that builds a site, before there is a model to build from.
 */
import type { Judge } from '../config/index.ts';
import { CaptureNames, compileTemplate, type Variables } from '../pipeline/index.ts';
import {
  type Fault,
  isPlainObject,
  ownValue,
  type Path,
  type PlacedFault,
} from '../schema/index.ts';
import { responseHeaders } from '../web/index.ts';
import { builtinVariables } from './builtins.ts';

/** See the head of this file. */
export const judgeTexts: Judge = (input, judged) => {
  const faults: PlacedFault[] = [];
  const { variables } = builtinVariables();
  const captures = new CaptureNames(variables);
  // A variable of one expression may stand anywhere in the file, so all of them come first.
  for (const { path, source } of expressions(input))
    for (const { message, cure } of captures.add(source))
      faults.push({ path, fault: { code: 'wrong-form', message, cure } });
  for (const { path, kind, text } of judged) {
    const fault = kind === 'template' ? templateFault(text, variables) : fieldFault(text);
    if (fault !== undefined) faults.push({ path, fault });
  }
  return faults;
};

function templateFault(text: string, variables: Variables): Fault | undefined {
  const template = compileTemplate(text, variables);
  return 'value' in template
    ? undefined
    : { code: 'wrong-form', message: template.message, cure: template.cure };
}

function fieldFault(name: string): Fault | undefined {
  try {
    responseHeaders([{ remove: [name], set: [], add: [], always: true }]);
    return undefined;
  } catch (error) {
    // What else goes wrong is a defect, and no fault of the configuration.
    if (!(error instanceof TypeError)) throw error;
    return {
      code: 'wrong-form',
      message: error.message,
      cure: 'Remove it: the server alone knows how it frames its messages',
    };
  }
}

interface Expression {
  readonly path: Path;
  readonly source: string;
}

/** The regular expressions in the names of sites and in the keys of routes, as written. */
function expressions(input: unknown): readonly Expression[] {
  const found: Expression[] = [];
  const note = (path: Path, written: unknown): void => {
    if (typeof written === 'string' && written.startsWith('~'))
      found.push({ path, source: written.slice(1) });
  };
  const sites = isPlainObject(input) ? ownValue(input, 'sites') : undefined;
  if (!isPlainObject(sites)) return found;
  for (const [host, site] of Object.entries(sites)) {
    note(['sites', host], host);
    if (!isPlainObject(site)) continue;
    const names = ownValue(site, 'serverNames');
    if (Array.isArray(names))
      for (const [index, name] of names.entries())
        note(['sites', host, 'serverNames', index], name);
    const routes = ownValue(site, 'routes');
    if (!isPlainObject(routes)) continue;
    for (const pattern of Object.keys(routes)) note(['sites', host, 'routes', pattern], pattern);
  }
  return found;
}
