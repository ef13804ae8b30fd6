import fc from 'fast-check';
import { isInnerList, parseDictionary, serializeInnerList, Token } from 'structured-headers';
import { describe, expect, test } from 'vitest';
import { parseSignature } from '../../../src/trust/parse-signature.ts';
import { ScanError, scanInnerLists, scanItems } from '../../../src/trust/structured-scanner.ts';

const key = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,5}$/);
const text = fc.stringMatching(/^[ -~]{0,10}$/);
const quoted = text.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`);
const bytes = fc.uint8Array({ maxLength: 8 }).map((value) => `:${Buffer.from(value).toString('base64')}:`);
const token = fc.stringMatching(/^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]{0,6}$/);
const integer = fc.integer().map(String);
const decimal = fc
  .tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 999 }))
  .map(([a, b]) => `${a}.${b}`);
const bare = fc.oneof(quoted, bytes, token, integer, decimal, fc.constantFrom('?0', '?1'));
const spaces = fc.stringMatching(/^ {0,2}$/);
const parameters = fc
  .uniqueArray(fc.tuple(key, fc.option(bare, { nil: undefined }), spaces), { selector: ([name]) => name, maxLength: 4 })
  .map((all) => all.map(([name, value, gap]) => `;${gap}${name}${value === undefined ? '' : `=${value}`}`).join(''));
const innerList = fc
  .tuple(fc.array(fc.tuple(quoted, parameters), { maxLength: 4 }), spaces, spaces, parameters)
  .map(
    ([items, before, after, own]) => `(${before}${items.map((item) => item.join('')).join(` ${after}`)}${after})${own}`,
  );
const dictionary = fc.uniqueArray(fc.tuple(key, innerList), { selector: ([name]) => name, minLength: 1, maxLength: 3 });

describe('the scanner reads dictionaries as a general RFC 8941 parser does', () => {
  test('any well-formed dictionary of inner lists has the same members, and its canonical form is recognised', () => {
    fc.assert(
      fc.property(dictionary, (members) => {
        const source = members.map(([name, list]) => `${name}=${list}`).join(' ,\t');
        const expected = parseDictionary(source);
        const scanned = scanInnerLists(source);
        expect(scanned.map(({ label }) => label)).toEqual([...expected.keys()]);
        for (const list of scanned) {
          const member = expected.get(list.label);
          if (member === undefined || !isInnerList(member)) throw new Error('not an inner list');
          expect(list.items.map(({ value }) => value)).toEqual(member[0].map(([value]) => value));
          expect(list.parameters.map(({ key: name }) => name)).toEqual([...member[1].keys()]);
          for (const { key: name, item } of list.parameters) {
            const value = member[1].get(name);
            if (value instanceof ArrayBuffer) expect(item.value).toBe(Buffer.from(value).toString('base64'));
            else
              expect(item.type === 'decimal' ? Number(item.value) : item.value).toEqual(
                value instanceof Token ? value.toString() : value,
              );
          }
          if (list.canonical) expect(list.raw).toBe(serializeInnerList(member));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any text at all is read or refused, never anything else', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('(', ')', '"', ';', '=', ',', ' ', 'a', '1', ':', '?', '\\') }),
    );
    fc.assert(
      fc.property(hostile, hostile, (input, signature) => {
        for (const scan of [scanInnerLists, scanItems]) {
          try {
            scan(input);
          } catch (error) {
            expect(error).toBeInstanceOf(ScanError);
          }
        }
        expect(typeof parseSignature(input, signature, { tag: 'sluice' }).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what a general parser lets pass and a signature must not', () => {
  test.each([
    ['a label twice', 'a=("x"), a=("y")'],
    ['a parameter twice', 'a=("x");created=1;created=2'],
    ['a parameter of a component twice', 'a=("x";key="a";key="b")'],
    ['a trailing comma', 'a=("x"),'],
    ['no space between components', 'a=("x""y")'],
    ['a list that never ends', 'a=("x" "y"'],
    ['a string that never ends', 'a=("x'],
    ['a token as a component', 'a=(x)'],
    ['17 labels', Array.from({ length: 17 }, (_, i) => `a${i}=("x")`).join(',')],
    ['65 components', `a=(${Array.from({ length: 65 }, (_, i) => `"x${i}"`).join(' ')})`],
    ['an integer of 16 digits', 'a=("x");created=1000000000000000'],
    ['a line break in a string', 'a=("x\n")'],
  ])('%s', (_, source) => {
    expect(() => scanInnerLists(source)).toThrow(ScanError);
  });

  test.each(['a=:A:', 'a=:AAA==:', 'a=:AA=:', 'a=:=:', 'a=:AA=A:', 'a=:AAAA', 'a=:\u00e9AAA:', 'a', 'a=', 'a=?2'])(
    '%s is no dictionary of items',
    (source) => {
      expect(() => scanItems(source)).toThrow(ScanError);
    },
  );

  test.each([
    ['a=:AAA:', 'AAA='],
    ['a=:AA:', 'AA=='],
    ['a=::', ''],
  ])('the padding of %s is put in where it is missing', (source, value) => {
    expect(scanItems(source)).toEqual([{ label: 'a', item: { type: 'bytes', value } }]);
    expect(scanInnerLists(`b=();${source}`)[0]).toMatchObject({ canonical: value === '' });
  });

  test('components that differ in the order of their parameters only are the same one', () => {
    const parse = parseSignature('a=("x";req;key="k" "x";key="k";req);tag="t"', 'a=:AAAA:', { tag: 't' });
    expect(parse).toMatchObject({ ok: false, fault: 'malformed', detail: expect.stringContaining('twice') });
  });

  test('a signature that is not wanted is absent, one that is wanted twice is malformed', () => {
    expect(parseSignature('a=("x");tag="u"', 'a=:AAAA:', { tag: 't' })).toMatchObject({ fault: 'absent' });
    expect(parseSignature('a=("x");tag=t', 'a=:AAAA:', { tag: 't' })).toMatchObject({ fault: 'absent' });
    const two = parseSignature('a=("x");tag="t", b=("x");tag="t"', 'a=:AAAA:, b=:AAAA:', { tag: 't' });
    expect(two).toMatchObject({ fault: 'malformed' });
  });
});
