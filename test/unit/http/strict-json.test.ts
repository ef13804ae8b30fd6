import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_JSON_DEPTH, parseStrictJson } from '../../../src/http/strict-json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('JSON that every reader understands in one way is parsed as JSON.parse does', () => {
  test('any value, any spacing', () => {
    const value = fc
      .jsonValue({ maxDepth: 6, noUnicodeString: false })
      .filter((json) => !JSON.stringify(json).includes('__proto__'));
    fc.assert(
      fc.property(value, fc.constantFrom('', ' ', '\t', '\n  '), (json, space) => {
        const text = JSON.stringify(json, undefined, space);
        const outcome = parse(text);
        const losesDigits = /(?:^|[[,:\s])-?\d{16,}(?=[\],}\s]|$)/.test(text);
        if (outcome.ok) expect(outcome.value).toEqual(JSON.parse(text));
        else expect(losesDigits || /\\u[dD]/.test(text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    '0',
    'null',
    '""',
    '[]',
    '{}',
    ' {"a":1} ',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"":1,"A":2,"a":3}',
    '{"a":"{\\"b\\":1,\\"b\\":2}"}',
    '"\\ud83d\\ude00"',
    '9007199254740991',
    '-9007199254740991',
    '1e300',
    '1.5e17',
    '12345678901234567890.5',
    '0.1',
    '{"constructor":1,"toString":2}',
    '{"\\\\":1,"\\\\\\\\":2}',
    nested(MAX_JSON_DEPTH),
  ])('%s', (text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });
});

describe('a key given twice is refused with a pointer to it', () => {
  test.each([
    ['{"a":1,"a":1}', '/a'],
    ['{"a":{"b":1,"c":[0,{"d":1,"e":2,"d":3}]}}', '/a/c/1/d'],
    ['{"a":{"x":1},"a":2}', '/a'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['[[],{"~/":1,"~/":2}]', '/1/~0~1'],
    ['{"":1,"":2}', '/'],
    ['{"a":[{"b":1},{"b":1,"b":1}]}', '/a/1/b'],
  ])('%s', (text, pointer) => {
    expect(parse(text)).toMatchObject({ ok: false, code: 'json_duplicate_key', pointer });
  });

  test('wherever it stands, and however its characters are escaped', () => {
    const key = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text !== '__proto__');
    const escaped = (text: string) =>
      `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 }),
        key,
        fc.jsonValue({ maxDepth: 1 }),
        (before, name, value) => {
          const rest = before.map((item) => `${JSON.stringify(item)},`).join('');
          const text = `[${rest}{${JSON.stringify(name)}:${JSON.stringify(value)},"other key":0,${escaped(name)}:1}]`;
          fc.pre(!/-?\d{16,}|__proto__/.test(text));
          expect(parse(text)).toMatchObject({ ok: false, code: 'json_duplicate_key' });
        },
      ),
    );
  });
});

describe('other texts that readers disagree about are refused', () => {
  test.each([
    ['a trailing comma', '{"a":1,}', undefined],
    ['nothing', '', undefined],
    ['a comment', '{}//', undefined],
    ['single quotes', "{'a':1}", undefined],
    ['NaN', 'NaN', undefined],
    ['a byte order mark', '\ufeff{}', undefined],
    ['two values', '{} {}', undefined],
    ['33 levels', nested(MAX_JSON_DEPTH + 1), undefined],
    ['a hundred thousand levels', nested(100_000), undefined],
    ['__proto__', '{"a":{"__proto__":{"admin":true}}}', '/a/__proto__'],
    ['__proto__ in escapes', '{"\\u005f_proto__":1}', '/__proto__'],
    ['an integer beyond 2^53 - 1', '{"a":[1,9007199254740993]}', '/a/1'],
    ['a negative integer beyond it', '-9007199254740992', ''],
    ['a number beyond a double', '{"a":1e400}', '/a'],
    ['half a surrogate pair', '{"a":"x\\ud83d"}', '/a'],
    ['half a surrogate pair in a key', '{"\\udc00":1}', '/\udc00'],
  ])('%s', (_, text, pointer) => {
    const outcome = parse(text);
    expect(outcome).toMatchObject({ ok: false, code: 'json_invalid' });
    if (!outcome.ok) expect(outcome.pointer).toBe(pointer);
  });

  test.each([[[0x22, 0xff, 0x22]], [[0x22, 0xc0, 0x80, 0x22]], [[0x22, 0xed, 0xa0, 0x80, 0x22]], [[0x22, 0xe5, 0xbc]]])(
    'bytes %j, which are not UTF-8',
    (bytes) => {
      expect(parseStrictJson(Uint8Array.from(bytes))).toMatchObject({ ok: false, code: 'json_invalid' });
    },
  );

  test('what is said about a fault never repeats the body', () => {
    const outcomes = [
      '{"phone":13800138000x}',
      '{"phone":"13800138000',
      '[13800138000 13800138000]',
      '13800138000 x',
    ].map(parse);
    for (const outcome of outcomes) expect(JSON.stringify(outcome)).not.toContain('138');
  });

  test('the place of a syntax fault is told in lines and columns', () => {
    expect(parse('{\n  "a": 1,\n  b\n}')).toMatchObject({ detail: expect.stringContaining('line 3, column 3') });
  });

  test('megabytes of string do not exhaust the reader', () => {
    const long = `{"a":"${'\\"x'.repeat(1_000_000)}","a":1}`;
    expect(parse(long)).toMatchObject({ ok: false, code: 'json_duplicate_key', pointer: '/a' });
  });
});
