/** One way of writing the same body, and what to say to somebody who hashed that one. */
export type BodyVariant = { readonly bytes: Buffer; readonly what: string };

type Style = {
  readonly comma: string;
  readonly colon: string;
  readonly sorted?: boolean;
  readonly ascii?: boolean;
  readonly slashes?: boolean;
};

const STYLES: readonly (readonly [what: string, style: Style])[] = [
  ['the body as compact JSON', { comma: ',', colon: ':' }],
  ['the body as JSON with a space after each comma and colon', { comma: ', ', colon: ': ' }],
  ['the body as compact JSON with sorted keys', { comma: ',', colon: ':', sorted: true }],
  ['the body as spaced JSON with sorted keys', { comma: ', ', colon: ': ', sorted: true }],
  ['the body as compact JSON with \\u escapes', { comma: ',', colon: ':', ascii: true }],
  ['the body as spaced JSON with \\u escapes', { comma: ', ', colon: ': ', ascii: true }],
  ['the body as sorted, spaced JSON with \\u escapes', { comma: ', ', colon: ': ', sorted: true, ascii: true }],
  ['the body as JSON with escaped slashes', { comma: ',', colon: ':', slashes: true }],
  ['the body as JSON with escaped slashes and \\u escapes', { comma: ',', colon: ':', slashes: true, ascii: true }],
];

const BOM = '\ufeff';
/** Larger bodies are not written in twenty ways: anybody may ask for a diagnosis. */
const MAX_BYTES = 65_536;

/**
 * What people hash instead of the bytes that they send: the object serialised once more by another library, a text with
 * other line ends, nothing at all. Without the body itself, and each only once; none for a body over 64 KiB.
 */
export function bodyVariants(body: Uint8Array): BodyVariant[] {
  if (body.length > MAX_BYTES) return [];
  const sent = Buffer.from(body);
  const text = sent.toString('utf8');
  const variants: BodyVariant[] = [];
  const add = (what: string, bytes: Buffer): void => {
    if (!bytes.equals(sent) && !variants.some((other) => other.bytes.equals(bytes))) variants.push({ what, bytes });
  };
  add('an empty body', Buffer.alloc(0));
  add('the body with a line feed at its end', Buffer.from(`${text}\n`));
  add('the body without white space around it', Buffer.from(text.trim()));
  add('the body with LF line ends', Buffer.from(text.replaceAll('\r\n', '\n')));
  add('the body with CRLF line ends', Buffer.from(text.replace(/\r?\n/g, '\r\n')));
  add('the body without a byte order mark', Buffer.from(text.startsWith(BOM) ? text.slice(1) : text));
  add('the body with a byte order mark', Buffer.from(`${BOM}${text}`));
  add('the body in Latin-1', Buffer.from(text, 'latin1'));
  add('the body in UTF-16', Buffer.from(text, 'utf16le'));
  add('the body as a JSON string', Buffer.from(JSON.stringify(text)));
  for (const [what, serialised] of jsonTexts(text)) add(what, Buffer.from(serialised));
  return variants;
}

/** Deeper than this nobody's body is, and recursion stays harmless. */
const MAX_DEPTH = 64;

function jsonTexts(text: string): (readonly [what: string, text: string])[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (isDeeper(value, MAX_DEPTH)) return [];
  const styled = STYLES.map(([what, style]) => [what, serialise(value, style)] as const);
  const indented = ([2, 4, '\t'] as const).map(
    (by) => ['the body as indented JSON', JSON.stringify(value, null, by)] as const,
  );
  return [...styled, ...indented];
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1));
}

function serialise(value: unknown, style: Style): string {
  if (Array.isArray(value)) return `[${value.map((item) => serialise(item, style)).join(style.comma)}]`;
  if (typeof value !== 'object' || value === null) return scalar(value, style);
  const names = Object.keys(value);
  if (style.sorted === true) names.sort();
  const members = names.map((name) => {
    return `${scalar(name, style)}${style.colon}${serialise((value as Record<string, unknown>)[name], style)}`;
  });
  return `{${members.join(style.comma)}}`;
}

function scalar(value: unknown, { ascii, slashes }: Style): string {
  const plain = JSON.stringify(value);
  const escaped = slashes === true ? plain.replaceAll('/', '\\/') : plain;
  if (ascii !== true) return escaped;
  return escaped.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
