/** The values of a template's `{{places}}`, by the name between the braces. */
export type TemplateValues = Readonly<Record<string, string | number>>;

/**
 * Puts the values into the places, once: what a value brings with it is not looked at again.
 * @throws Error naming a place that has no value, so that a misspelt one never reaches a server.
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined)
      throw new Error(`The template has a place {{${name}}} without a value`);
    return String(value);
  });
}
