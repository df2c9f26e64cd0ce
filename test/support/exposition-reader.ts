/**
 * Reads metrics as a collector does, from the grammars of OpenMetrics 1.0 and of Prometheus' text format 0.0.4, and
 * knows nothing of who wrote them. Throws an `Error` that quotes the line.
 */

/** What the comment lines say of a family, and its numbers. */
export interface ReadFamily {
  readonly type: string;
  readonly unit: string | null;
  readonly help: string;
  /** By the text of their labels, as in `a="1",b="2"`, unescaped. */
  readonly samples: Map<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const META = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.*)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\n"])*"(?:,(?=[a-zA-Z_]))?)+)\\})? (\\S+)$`,
);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"/g;
const NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['openmetrics', ['counter', 'gauge', 'info', 'stateset']],
  ['prometheus', ['counter', 'gauge']],
]);
/** What a sample's name has behind its family's. */
const SUFFIXES: Readonly<Record<string, string>> = { counter: '_total', info: '_info' };

/** The families of a text by name; a name that comes back after another is an error. */
export function readExposition(
  text: string,
  format: 'openmetrics' | 'prometheus',
): ReadonlyMap<string, ReadFamily> {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF at the end');
  const families = new Map<string, ReadFamily>();
  for (let at = 0; at < lines.length;) {
    const metas = new Map<string, string>();
    let name = '';
    for (
      let meta = META.exec(lines[at] ?? '');
      meta !== null;
      meta = META.exec(lines[++at] ?? '')
    ) {
      const [, kind = '', its = '', rest = ''] = meta;
      if (name !== '' && name !== its) throw new Error(`no samples: ${name}`);
      if (metas.has(kind)) throw new Error(`twice: ${lines[at]}`);
      name = its;
      metas.set(kind, rest);
    }
    const type = metas.get('TYPE') ?? '';
    if (TYPES.get(format)?.includes(type) !== true) throw new Error(`type: ${lines[at]}`);
    if (families.has(name)) throw new Error(`the family comes back: ${name}`);
    const unit = metas.get('UNIT') ?? null;
    if (unit !== null && !name.endsWith(`_${unit}`)) throw new Error(`unit of ${name}`);
    const suffix = format === 'openmetrics' ? (SUFFIXES[type] ?? '') : '';
    const samples = new Map<string, number>();
    for (; at < lines.length && !(lines[at] ?? '').startsWith('#'); at++) {
      const [, its = '', labels = '', value = ''] = SAMPLE.exec(lines[at] ?? '') ?? [];
      if (its !== name + suffix) throw new Error(`not of ${name}: ${lines[at]}`);
      if (!NUMBER.test(value)) throw new Error(`no number: ${lines[at]}`);
      if (type === 'counter' && Number(value) < 0) throw new Error(`negative: ${lines[at]}`);
      const key = [...labels.matchAll(LABEL)]
        .map(([, label = '', raw = '']) => `${label}="${unescape(raw)}"`)
        .join(',');
      if (samples.has(key)) throw new Error(`twice: ${lines[at]}`);
      samples.set(key, Number(value));
    }
    if (samples.size === 0) throw new Error(`no samples: ${name}`);
    families.set(name, { type, unit, help: unescape(metas.get('HELP') ?? ''), samples });
  }
  return families;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
}
