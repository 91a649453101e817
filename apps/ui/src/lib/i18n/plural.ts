const rules = new Intl.PluralRules('en');
const PLURAL = /\{(\w+), plural, ((?:=?\w+ \{[^{}]*\} ?)+)\}/g;
const FORM = /(=?\w+) \{([^{}]*)\}/g;

/**
 * Fills a message in: `{name}` by its value, and the ICU plural `{count, plural, =0 {none} one {# step} other {# steps}}`
 * by the form for its number.
 */
export function filledIn(message: string, values: Readonly<Record<string, string | number>>): string {
  return message
    .replace(PLURAL, (_whole, name: string, forms: string) => pluralForm(forms, Number(values[name] ?? 0)))
    .replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}

function pluralForm(forms: string, count: number): string {
  const byKey = new Map([...forms.matchAll(FORM)].map(([, key, text]) => [key!, text!]));
  const form = byKey.get(`=${count}`) ?? byKey.get(rules.select(count)) ?? byKey.get('other') ?? '';
  return form.replaceAll('#', count.toLocaleString('en'));
}
