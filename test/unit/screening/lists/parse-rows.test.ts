import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endOfRecords,
  type FileFormat,
  parseHeader,
  parseRows,
} from '../../../../src/screening/lists/import/parse-rows.ts';
import { ListFileError, readParts } from '../../../../src/screening/lists/import/read-parts.ts';
import { maskValue } from '../../../../src/screening/lists/import/rejected-file.ts';

const COLUMNS = ['value', 'expires_on', 'note'] as const;

/** All rows of a file that is read in parts, from chunks of some sizes. */
async function rowsOf(bytes: Buffer, format: FileFormat, chunkBytes: number) {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, at) =>
    bytes.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  );
  const found = { rows: [] as unknown[], faults: [] as unknown[], ends: [] as number[] };
  let lines = 0;
  for await (const part of readParts(Readable.from(chunks), 0, endOfRecords(format))) {
    const parsed = parseRows(part.bytes, format, lines + 1, COLUMNS);
    found.rows.push(...parsed.rows);
    found.faults.push(...parsed.faults.map(({ line, code }) => ({ line, code })));
    found.ends.push(part.to);
    lines += parsed.lines;
  }
  return found;
}

describe('a list file', () => {
  const field = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{1,40}$/),
    fc.string({ maxLength: 30 }),
    fc.constantFrom('a"b', 'x\ny', 'x,y', '""', '\r\n', '张三'),
  );
  // What CSV cannot tell apart is left out: an empty field is an absent one, and a lone field must not vanish.
  const record = fc.tuple(
    field.filter((text) => text.length > 0),
    fc.option(field, { nil: '' }),
    fc.option(field, { nil: '' }),
  );
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  test('gives back every field as it was written, wherever the file is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 40 }),
        fc.constantFrom('\n', '\r\n'),
        async (records, eol) => {
          const text = records.map((fields) => fields.map(quoted).join(',')).join(eol);
          const bytes = Buffer.from(text.repeat(1));
          for (const chunkBytes of [7, 4_096]) {
            const { rows, faults } = await rowsOf(bytes, 'csv', chunkBytes);
            expect(faults).toEqual([]);
            expect(rows).toMatchObject(
              records.map(([value, expiresOn, note]) => ({ value, expiresOn: expiresOn || null, note: note || null })),
            );
          }
        },
      ),
    );
  });

  test('is cut at the same places whatever the chunks, and line numbers go through', async () => {
    const lines = Array.from({ length: 40_000 }, (_, at) =>
      at % 9_000 === 5 ? `${at},,"two\nlines"` : `${at},2026-01-01`,
    );
    const bytes = Buffer.from(`${lines.join('\n')}\n${'"open'}\n1\n`);
    const whole = await rowsOf(bytes, 'csv', bytes.length);
    const small = await rowsOf(bytes, 'csv', 1_000);
    expect(whole.ends.length).toBeGreaterThan(1);
    expect(small).toEqual(whole);
    expect(whole.rows).toHaveLength(40_001);
    expect(whole.faults).toEqual([{ line: 40_006, code: 'csv_malformed' }]);
    expect(whole.rows.at(-1)).toMatchObject({ value: '1', line: 40_007 });
  });

  test('whose record never ends is refused, not held in memory', async () => {
    const endless = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'x')));
    const read = async () => {
      for await (const _ of readParts(endless, 0, endOfRecords('csv'))) expect(_.bytes.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow(ListFileError);
  });

  test.each([
    ['value', ['value']],
    ['\ufeffvalue,expires_on,note\r\n', ['value', 'expires_on', 'note']],
    ['"Note", value', ['note', 'value']],
    ['phone', undefined],
    ['value,colour', undefined],
    ['value,value', undefined],
    ['13800138000', undefined],
  ])('with the header %j', (text, columns) => {
    expect(parseHeader(text)).toEqual(columns);
  });
});

test('a rejected value is shown by two characters at the most', () => {
  expect(maskValue('13800138000')).toBe('13*********');
  expect(maskValue('12345')).toBe('*****');
  expect(maskValue('')).toBe('');
  expect(maskValue('=cmd|x,y"\n')).toMatch(/^[\w+*]*$/);
});
