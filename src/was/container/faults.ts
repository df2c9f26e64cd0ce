import { defineFaults } from '../../base/index.ts';

/** What goes wrong with requests in web applications. */
export const CONTAINER_FAULTS = defineFaults({
  'servlet-failed': {
    blame: 'operator',
    status: 500,
    means: 'A servlet or filter threw an error',
    cure: 'Look at the error and its place in the log, and mend the application.',
  },
  'servlet-answered': {
    blame: 'client',
    status: 500,
    means: 'A servlet answered with an error of its own',
    cure: 'Nothing, if the application means it; its message is in the log.',
  },
  'servlet-unavailable': {
    blame: 'operator',
    status: 503,
    means: 'The servlet says that it cannot be used for a while',
    cure: 'See in the log why it threw UnavailableException.',
  },
  'servlet-gone': {
    blame: 'operator',
    status: 404,
    means: 'The servlet said that it can never be used again',
    cure: 'See in the log why it threw UnavailableException, and deploy the application again.',
  },
  'answer-backlog': {
    blame: 'operator',
    status: 503,
    means: 'A servlet wrote 16 MiB on to a client that does not take them',
    cure: 'Let the servlet await ready() of its stream between writes.',
  },
  'application-missing': {
    blame: 'client',
    level: 'error',
    status: 404,
    means: 'No application has this path',
    cure: 'Deploy one with this context path, or see which ones there are.',
  },
  'suspicious-path': {
    blame: 'client',
    status: 400,
    means:
      'The path could mean different things to the servers on its way (Jakarta Servlet section 3.5.2)',
    cure: 'Send the path in its plain form; the detail names what was found in it.',
  },
});
