/** What makes a well-formed JSON text ambiguous, and where. */
export type JsonFault = {
  readonly code: 'json_invalid' | 'json_duplicate_key';
  readonly detail: string;
  /** RFC 6901. */
  readonly pointer: string;
};

/** One token, but of a string only its opening quote: a pattern over a whole long string could exhaust the matcher. */
const TOKEN = /[{}[\],:"]|-?\d[\d.eE+-]*|true|false|null/g;
const INTEGER = /^-?\d+$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const BACKSLASH = 0x5c;

type Container = { readonly keys: Set<string> | undefined; key: string; index: number };

/**
 * The first fault of a text that the native parser has accepted: a key twice in one object, `__proto__`, a lone surrogate,
 * an integer beyond 2⁵³ − 1, a number beyond a double. Undefined when there is none.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const path: Container[] = [];
  let expectsKey = false;
  for (const token of tokensOf(text)) {
    const top = path.at(-1);
    if (token === '{' || token === '[') {
      path.push({ keys: token === '{' ? new Set() : undefined, key: '', index: 0 });
      expectsKey = token === '{';
    } else if (token === '}' || token === ']') {
      path.pop();
      expectsKey = false;
    } else if (token === ',') {
      if (top !== undefined) top.index += 1;
      expectsKey = top?.keys !== undefined;
    } else if (token === ':') {
      expectsKey = false;
    } else {
      const fault = expectsKey && top?.keys !== undefined ? checkKey(token, top, top.keys) : checkScalar(token);
      if (fault !== undefined) return { ...fault, pointer: pointerTo(path) };
    }
  }
  return undefined;
}

/** Index of the closing quote of the string that opens at `start` of a well-formed text. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = end - 1;
    while (text.charCodeAt(slashes) === BACKSLASH) slashes -= 1;
    if ((end - slashes) % 2 === 1) return end;
  }
  return text.length;
}

function* tokensOf(text: string): Generator<string> {
  const pattern = new RegExp(TOKEN);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] !== '"') {
      yield match[0];
      continue;
    }
    pattern.lastIndex = endOfString(text, match.index) + 1;
    yield text.slice(match.index, pattern.lastIndex);
  }
}

function checkKey(token: string, object: Container, keys: Set<string>): Omit<JsonFault, 'pointer'> | undefined {
  const key: string = JSON.parse(token);
  object.key = key;
  if (keys.has(key)) return { code: 'json_duplicate_key', detail: 'the object has this key more than once' };
  keys.add(key);
  if (key === '__proto__') return { code: 'json_invalid', detail: 'the key __proto__ is not allowed' };
  return checkScalar(token);
}

function checkScalar(token: string): Omit<JsonFault, 'pointer'> | undefined {
  if (token.startsWith('"')) {
    const isLone = token.includes('\\u') && LONE_SURROGATE.test(JSON.parse(token));
    return isLone ? { code: 'json_invalid', detail: 'the text has half of a surrogate pair' } : undefined;
  }
  const value = Number(token);
  if (INTEGER.test(token) && !Number.isSafeInteger(value)) {
    return { code: 'json_invalid', detail: 'the integer is beyond 2^53 - 1 and would lose digits' };
  }
  return Math.abs(value) === Number.POSITIVE_INFINITY
    ? { code: 'json_invalid', detail: 'the number is out of range' }
    : undefined;
}

function pointerTo(path: readonly Container[]): string {
  return path
    .map(({ keys, key, index }) => (keys === undefined ? String(index) : key.replace(/~/g, '~0').replace(/\//g, '~1')))
    .map((step) => `/${step}`)
    .join('');
}
