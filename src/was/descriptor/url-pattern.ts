import type { ElementReader } from './element-reader.ts';
import type { XmlElement } from './xml-tree.ts';

/**
 * The pattern in a `url-pattern`, with escapes decoded as UTF-8 (Tomcat does the same); null, and told, for one that
 * section 12.2 of Jakarta Servlet does not know. What Tomcat calls suspicious is noted.
 */
export function urlPattern(element: XmlElement, { problems }: ElementReader): string | null {
  const pattern = decoded(element.text);
  const report = (message: string, cure: string): null => {
    problems.add(element, 'wrong-form', message, cure);
    return null;
  };
  if (pattern === null) {
    return report(
      'It has an escape that is none',
      'Write % as %25, and other characters as they are',
    );
  }
  if (/[\r\n\0]/.test(pattern)) {
    return report('It has a line end or a NUL in it, which no path has', 'Remove that character');
  }
  if (pattern === '') return pattern;
  if (pattern.startsWith('*.')) {
    if (pattern.includes('/')) {
      return report('A pattern for an ending has a slash in it', 'Write *.ending, without a path');
    }
    if (pattern.lastIndexOf('.') > 1) {
      problems.note(
        element,
        'wrong-form',
        'It matches nothing: an ending begins at the last dot of a path',
        `Write *${pattern.slice(pattern.lastIndexOf('.'))}`,
      );
    }
    return pattern;
  }
  if (!pattern.startsWith('/')) {
    return report('Neither / nor *. stands at its beginning', `Write /${pattern}, or *.ending`);
  }
  if (pattern.includes('*.')) {
    return report('Path and ending cannot be matched together', 'Write /path/* or *.ending');
  }
  const star = pattern.indexOf('*');
  if (star >= 0 && !(pattern.endsWith('/*') && star === pattern.length - 1)) {
    problems.note(
      element,
      'wrong-form',
      'It is matched as it stands, * included',
      'Write /path/* to match what is below a path',
    );
  }
  return pattern;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
