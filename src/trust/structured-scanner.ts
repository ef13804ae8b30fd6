/**
 * A one-pass reader for the two dictionaries of RFC 9421 §4 in the syntax of RFC 8941. General parsers keep the last of
 * several equal keys, which would let a second label or parameter replace the one that was signed; this one refuses them,
 * and it runs on every request, so it reads by character code and slices instead of building strings.
 */

export type BareItem =
  | { readonly type: 'string' | 'token' | 'bytes' | 'decimal'; readonly value: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean };

export type Parameter = { readonly key: string; readonly item: BareItem };

/** A string of an inner list with its parameters; `raw` is the text of both as received. */
export type ScannedItem = { readonly value: string; readonly raw: string; readonly parameters: readonly Parameter[] };

export type ScannedInnerList = {
  readonly label: string;
  readonly items: readonly ScannedItem[];
  readonly parameters: readonly Parameter[];
  /** The list with its parameters as received. */
  readonly raw: string;
  /** True when `raw` is already what RFC 8941 §4.1 would serialise. */
  readonly canonical: boolean;
};

/** A syntax fault, thrown inside this file's readers and turned into a verdict by their callers. */
export class ScanError extends Error {}

const MAX_MEMBERS = 16;
const MAX_ITEMS = 64;
const MAX_PARAMETERS = 16;
/** RFC 8941 §3.3.1. */
const MAX_INTEGER_DIGITS = 15;

const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const TOKEN = /[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*/y;
const NUMBER = /-?\d+(?:\.\d{1,3})?/y;
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y;
const PLAIN_STRING = /"([\x20\x21\x23-\x5b\x5d-\x7e]*)"/y;
const ESCAPED_STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;

const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const COMMA = 0x2c;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUESTION = 0x3f;

/** Reads a dictionary whose members are inner lists of strings, the shape of `Signature-Input`. @throws ScanError */
export function scanInnerLists(text: string): ScannedInnerList[] {
  const scanner = new Scanner(text);
  return scanner.dictionary((label) => scanner.innerList(label));
}

/** Reads a dictionary of bare items, the shape of `Signature` and `Content-Digest`. @throws ScanError */
export function scanItems(text: string): { label: string; item: BareItem }[] {
  const scanner = new Scanner(text);
  return scanner.dictionary((label) => {
    const item = scanner.bareItem();
    scanner.parameters();
    return { label, item };
  });
}

class Scanner {
  private readonly text: string;
  private pos = 0;
  private canonical = true;

  constructor(text: string) {
    this.text = text;
  }

  dictionary<M extends { readonly label: string }>(readMember: (label: string) => M): M[] {
    const members: M[] = [];
    this.skipSpaces();
    while (this.pos < this.text.length) {
      const label = this.match(KEY, 'a label');
      if (members.some((member) => member.label === label)) throw new ScanError(`the label "${label}" is given twice`);
      if (members.length === MAX_MEMBERS) throw new ScanError(`more than ${MAX_MEMBERS} labels`);
      this.expect(EQUALS, '"=" after a label');
      members.push(readMember(label));
      this.skipOptionalWhiteSpace();
      if (this.pos === this.text.length) return members;
      this.expect(COMMA, 'a comma between members');
      this.skipOptionalWhiteSpace();
      if (this.pos === this.text.length) throw new ScanError('it ends in a comma');
    }
    throw new ScanError('it is empty');
  }

  innerList(label: string): ScannedInnerList {
    const start = this.pos;
    this.canonical = true;
    this.expect(OPEN, '"(" after a label');
    const items: ScannedItem[] = [];
    if (this.skipSpaces() > 0) this.canonical = false;
    while (this.code() !== CLOSE) {
      if (items.length === MAX_ITEMS) throw new ScanError(`more than ${MAX_ITEMS} components`);
      const itemStart = this.pos;
      if (this.code() !== QUOTE) throw new ScanError(`a component is not a string, at offset ${this.pos}`);
      const value = this.string();
      const parameters = this.parameters();
      items.push({ value, parameters, raw: this.text.slice(itemStart, this.pos) });
      const spaces = this.skipSpaces();
      if (this.code() === CLOSE ? spaces > 0 : spaces > 1) this.canonical = false;
      if (this.code() !== CLOSE && spaces === 0) throw new ScanError(`a space is missing at offset ${this.pos}`);
    }
    this.pos += 1;
    const parameters = this.parameters();
    return { label, items, parameters, raw: this.text.slice(start, this.pos), canonical: this.canonical };
  }

  parameters(): Parameter[] {
    const found: Parameter[] = [];
    while (this.code() === SEMICOLON) {
      this.pos += 1;
      if (this.skipSpaces() > 0) this.canonical = false;
      const key = this.match(KEY, 'a parameter name');
      for (const parameter of found) {
        if (parameter.key === key) throw new ScanError(`the parameter "${key}" is given twice`);
      }
      if (found.length === MAX_PARAMETERS) throw new ScanError(`more than ${MAX_PARAMETERS} parameters`);
      found.push({ key, item: this.parameterValue() });
    }
    return found;
  }

  bareItem(): BareItem {
    const code = this.code();
    if (code === QUOTE) return { type: 'string', value: this.string() };
    if (code === COLON) return { type: 'bytes', value: this.bytes() };
    if (code === QUESTION) return { type: 'boolean', value: this.boolean() };
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.number();
    return { type: 'token', value: this.match(TOKEN, 'a value') };
  }

  private parameterValue(): BareItem {
    if (this.code() !== EQUALS) return { type: 'boolean', value: true };
    this.pos += 1;
    const item = this.bareItem();
    // `;key=?1` is written `;key`.
    if (item.type === 'boolean' && item.value) this.canonical = false;
    return item;
  }

  private number(): BareItem {
    const text = this.match(NUMBER, 'a number');
    const isDecimal = text.includes('.');
    const digits = (isDecimal ? text.indexOf('.') : text.length) - (text.startsWith('-') ? 1 : 0);
    if (digits > (isDecimal ? MAX_INTEGER_DIGITS - 3 : MAX_INTEGER_DIGITS)) throw new ScanError('a number is too long');
    if (isDecimal) {
      this.canonical = false;
      return { type: 'decimal', value: text };
    }
    const value = Number(text);
    if (String(value) !== text) this.canonical = false;
    return { type: 'integer', value };
  }

  private string(): string {
    PLAIN_STRING.lastIndex = this.pos;
    const plain = PLAIN_STRING.exec(this.text);
    if (plain !== null) {
      this.pos = PLAIN_STRING.lastIndex;
      return plain[1] ?? '';
    }
    ESCAPED_STRING.lastIndex = this.pos;
    const escaped = ESCAPED_STRING.exec(this.text);
    if (escaped === null) throw new ScanError(`a string is malformed at offset ${this.pos}`);
    this.pos = ESCAPED_STRING.lastIndex;
    return (escaped[1] ?? '').replace(/\\(["\\])/g, '$1');
  }

  private bytes(): string {
    BYTES.lastIndex = this.pos;
    const found = BYTES.exec(this.text);
    const base64 = found?.[1];
    if (base64 === undefined) throw new ScanError('a byte sequence is not base64');
    this.pos = BYTES.lastIndex;
    const beyond = base64.length % 4;
    if (beyond === 0) return base64;
    // RFC 8941 §4.2.7: missing padding is no reason to fail; wrong padding and a lone character are no base64.
    if (beyond === 1 || base64.endsWith('=')) throw new ScanError('a byte sequence is not base64');
    this.canonical = false;
    return base64.padEnd(base64.length + 4 - beyond, '=');
  }

  private boolean(): boolean {
    const digit = this.text[this.pos + 1];
    if (digit !== '0' && digit !== '1') throw new ScanError(`a boolean is malformed at offset ${this.pos}`);
    this.pos += 2;
    return digit === '1';
  }

  private match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.pos;
    if (!pattern.test(this.text)) throw new ScanError(`${what} is expected at offset ${this.pos}`);
    const start = this.pos;
    this.pos = pattern.lastIndex;
    return this.text.slice(start, this.pos);
  }

  private expect(code: number, what: string): void {
    if (this.code() !== code) throw new ScanError(`${what} is expected at offset ${this.pos}`);
    this.pos += 1;
  }

  /** The code at the cursor; NaN at the end, which equals nothing. */
  private code(): number {
    return this.text.charCodeAt(this.pos);
  }

  private skipSpaces(): number {
    const start = this.pos;
    while (this.code() === SPACE) this.pos += 1;
    return this.pos - start;
  }

  private skipOptionalWhiteSpace(): void {
    while (this.code() === SPACE || this.code() === TAB) this.pos += 1;
  }
}
