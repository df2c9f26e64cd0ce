/** The servlet container: from requests of the pipeline to the servlets of web applications. */
export type { Application } from './application.ts';
export { ClassFault, findClass } from './class-loader.ts';
export { Container } from './container.ts';
export {
  type ApplicationPorts,
  type ApplicationSettings,
  startApplication,
  type StartFault,
} from './start-application.ts';
