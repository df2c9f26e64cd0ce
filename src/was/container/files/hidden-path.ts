/** Which files of an application are nobody's business outside it. */

/** Jakarta Servlet section 10.5 wants WEB-INF hidden, 10.6 META-INF; the case is left out because some file systems leave it out. */
const PRIVATE_FOLDER = /^\/(?:web-inf|meta-inf)(?:\/|$)/i;
const DOT_NAME = /\/\./;
const WELL_KNOWN = /^\/\.well-known(?=\/|$)/;
const PACKAGES = /\/node_modules(?:\/|$)/i;
const PAGE_SOURCE = /\.(?:jspx?|jspf|tagx?)\/*$/i;

/** Whether a path, decoded and canonical, leads into `/WEB-INF` or `/META-INF`, in any case; whatever is mapped there. */
export function isPrivate(path: string): boolean {
  return PRIVATE_FOLDER.test(path);
}

/**
 * Whether a path, decoded and canonical, is the source of a page or of a part of one (`.jsp`, `.jspx`, `.jspf`,
 * `.tag`, `.tagx`, in any case). It may hold passwords and is never sent, not even where a servlet hands on to it.
 */
export function isPageSource(path: string): boolean {
  return PAGE_SOURCE.test(path);
}

/**
 * Whether clients are told that there is nothing at a path, decoded and canonical: `/WEB-INF` and `/META-INF` in
 * any case, names that begin with a dot but for `/.well-known` (RFC 8615), `node_modules`, and sources of pages.
 * Servlets may still forward to such files, or include them; see `isPageSource` for those that they may not.
 */
export function isHidden(path: string): boolean {
  return (
    isPrivate(path) ||
    DOT_NAME.test(path.replace(WELL_KNOWN, '')) ||
    PACKAGES.test(path) ||
    isPageSource(path)
  );
}
