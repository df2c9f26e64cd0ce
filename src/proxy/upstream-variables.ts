/**
 * nginx's variables about the servers that were asked (ngx_http_upstream_module). Several tries are
 * joined by `, `, and by ` : ` where an internal redirect lies between them.
 */
import {
  type Context,
  defineFamilies,
  defineVariables,
  type Evaluate,
  fieldReader,
  seconds,
  type UpstreamTry,
  type VariableDefinition,
  type VariableFamily,
} from '../pipeline/index.ts';
import type { TraceWants } from './upstream-trace.ts';

/** The variables of one set, and what those of them that are used want to be recorded. */
export interface UpstreamVariables {
  readonly definitions: readonly VariableDefinition[];
  readonly families: readonly VariableFamily[];
  /** Give it to the handlers of proxy routes. */
  readonly wants: TraceWants;
}

/** Makes the variables, with nothing recorded until one of them is used. */
export function upstreamVariables(): UpstreamVariables {
  const wants: TraceWants = { tries: false, fields: false };
  const definitions = defineVariables(
    {
      upstream_addr: {
        means:
          'Addresses of the servers that were asked; the name of the upstream where none of its servers could be',
        nginx:
          'A host name of the configuration stays one; a second connection to a server that had just ended an idle one is no try of its own',
        evaluate: ofEach(({ address }) => address),
      },
      upstream_bytes_received: {
        means: 'Bytes that came from each server: head, framing and body',
        evaluate: ofEach(({ bytesReceived }) => String(bytesReceived)),
      },
      upstream_connect_time: {
        means:
          'Seconds with milliseconds until each connection stood; 0.000 for one that was open already, "-" for none',
        evaluate: ofEach(({ connectTime }) => time(connectTime)),
      },
      upstream_header_time: {
        means:
          'Seconds with milliseconds from the beginning of each try to the end of the response head, "-" for none',
        evaluate: ofEach(({ headerTime }) => time(headerTime)),
      },
      upstream_response_length: {
        means: 'Bytes of the body that each server sent for the client',
        nginx: 'Does not count the framing of a chunked body',
        evaluate: ofEach(({ bodyLength }) => String(bodyLength)),
      },
      upstream_response_time: {
        means: 'Seconds with milliseconds that each try took, "-" for one that still goes on',
        evaluate: ofEach(({ responseTime }) => time(responseTime)),
      },
      upstream_status: {
        means:
          'Status that each server answered with; 504 for one that was too slow, 502 for one that failed otherwise or could not be asked, "-" where the request ended before it was known',
        evaluate: ofEach(({ status }) => (status === 0 ? '-' : String(status))),
      },
    },
    () => {
      wants.tries = true;
    },
  );
  const families = defineFamilies({
    upstream_http_: {
      means:
        'Field _name_ of the answer of the last server as it came, also where the client does not get it',
      nginx: 'As since 1.23: several lines are joined by commas',
      define: (rest) => {
        wants.tries = true;
        wants.fields = true;
        const read = fieldReader(rest);
        return ({ tries }) => {
          const fields = tries?.at(-1)?.fields ?? null;
          return fields === null ? null : read(fields);
        };
      },
    },
  });
  return { definitions, families, wants };
}

function time(milliseconds: number): string {
  return milliseconds < 0 ? '-' : seconds(milliseconds);
}

function ofEach(show: (asked: UpstreamTry) => string): Evaluate {
  return ({ tries }: Context) => {
    if (tries === null || tries.length === 0) return null;
    let text = '';
    let separator = '';
    for (const asked of tries) {
      if (asked === null) {
        separator = ' : ';
        continue;
      }
      text += separator + show(asked);
      separator = ', ';
    }
    return text;
  };
}
