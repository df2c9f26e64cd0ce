/** The deployment descriptor of a web application: `WEB-INF/web.xml`. */
export { DEFAULT_WEB_APP, readWebXml } from './read-web-xml.ts';
export type {
  ErrorPageModel,
  FilterMappingModel,
  FilterModel,
  MultipartModel,
  ServletMappingModel,
  ServletModel,
  SessionCookieModel,
  SessionModel,
  WebAppModel,
} from './web-app.ts';
