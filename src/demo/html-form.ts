/** One input of a form, as a browser would find it. */
export interface FormInput {
  readonly name: string;
  /** `hidden`, `text`, `checkbox`, `select`, `button` … */
  readonly type: string;
  readonly value: string;
  /** Values of a select that choose something. */
  readonly options: readonly string[];
}

export interface HtmlForm {
  readonly action: string;
  readonly inputs: readonly FormInput[];
}

const TAG = /<(\/?[a-z]+)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Reads the first form of a page that we wrote ourselves; undefined when it has none. Not a parser of any HTML there is. */
export function readHtmlForm(html: string): HtmlForm | undefined {
  let action: string | undefined;
  const inputs: FormInput[] = [];
  let select: { name: string; value: string; options: string[] } | undefined;
  for (const [, tag = '', text = ''] of html.matchAll(TAG)) {
    const name = tag.toLowerCase();
    if (action === undefined && name !== 'form') continue;
    const attributes = readAttributes(text);
    if (name === 'form') action = attributes.get('action') ?? '';
    else if (name === '/form') break;
    else if (name === 'select') select = { name: attributes.get('name') ?? '', value: '', options: [] };
    else if (name === 'option' && select) {
      const value = attributes.get('value') ?? '';
      if (value !== '') select.options.push(value);
      if (attributes.has('selected')) select.value = value;
    } else if (name === '/select' && select) {
      inputs.push({ ...select, type: 'select' });
      select = undefined;
    } else if (name === 'input' || name === 'button') {
      const type = name === 'button' ? 'button' : (attributes.get('type') ?? 'text');
      inputs.push({ name: attributes.get('name') ?? '', type, value: attributes.get('value') ?? '', options: [] });
    }
  }
  return action === undefined ? undefined : { action, inputs };
}

/**
 * What a browser would send: hidden inputs as they are, every box ticked, the rest as typed, one button pressed.
 * @param typed by name of input; a select that is not in it takes its first choice
 */
export function fillForm(form: HtmlForm, typed: Readonly<Record<string, string>>, button: string): URLSearchParams {
  const body = new URLSearchParams();
  for (const { name, type, value, options } of form.inputs) {
    if (type === 'button') {
      if (value === button) body.append(name, value);
    } else if (type === 'hidden' || type === 'checkbox') body.append(name, value);
    else body.append(name, typed[name] ?? (value || (options[0] ?? '')));
  }
  return body;
}

function readAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    attributes.set(name.toLowerCase(), decode(double ?? single ?? bare ?? ''));
  }
  return attributes;
}

function decode(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
