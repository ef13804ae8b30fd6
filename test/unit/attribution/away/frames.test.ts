import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameReader, RECORD_MAX_BYTES } from '../../../../src/attribution/away/frames.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => text.replaceAll('\n', ' ')),
  fc.json({ maxDepth: 1 }).map((text) => text.replaceAll('\n', ' ')),
);
const anyTexts = fc.array(anyText, { maxLength: 12 });

/** Reads bytes that come in pieces of the given sizes. */
function readInPieces(bytes: Buffer, sizes: readonly number[]): Frame[] {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    frames.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...frames, ...reader.end()];
}

function textsOf(frames: readonly Frame[]): string[] {
  return frames.flatMap((frame) => (frame.kind === 'record' ? [frame.text] : []));
}

describe('a segment', () => {
  test('gives back its records in order, in whatever pieces it is read', () => {
    fc.assert(
      fc.property(
        anyTexts,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
        (texts, sizes) => {
          const frames = readInPieces(Buffer.concat(texts.map(encodeFrame)), sizes);
          expect(frames).toEqual(texts.map((text) => ({ kind: 'record', text })));
        },
      ),
    );
  });

  test('that was cut off anywhere gives every record before the cut, and what is torn behind it is not taken for damage', () => {
    fc.assert(
      fc.property(anyTexts, fc.nat(), (texts, where) => {
        const parts = texts.map(encodeFrame);
        const whole = Buffer.concat(parts);
        const cut = where % (whole.length + 1);
        const frames = readInPieces(whole.subarray(0, cut), [17]);
        let end = 0;
        const before = texts.filter((_, index) => {
          end += parts[index]?.length ?? 0;
          return end <= cut;
        });
        expect(textsOf(frames)).toEqual(before);
        expect(frames.filter(({ kind }) => kind === 'damaged')).toEqual([]);
      }),
    );
  });

  test('with one byte changed loses at most the record that it lies in, and hands that one out as damaged', () => {
    fc.assert(
      fc.property(anyTexts, fc.nat(), fc.integer({ min: 1, max: 255 }), (texts, where, change) => {
        const whole = Buffer.concat(texts.map(encodeFrame));
        if (whole.length === 0) return;
        const at = where % whole.length;
        whole[at] = (whole[at] ?? 0) ^ change;
        const frames = readInPieces(whole, [23]);
        const found = textsOf(frames);
        expect(found.length).toBeGreaterThanOrEqual(texts.length - 1);
        let from = 0;
        for (const text of found) {
          from = texts.indexOf(text, from) + 1;
          expect(from).toBeGreaterThan(0);
        }
        if (found.length < texts.length) expect(frames.some(({ kind }) => kind !== 'record')).toBe(true);
      }),
    );
  });

  test('of nothing but rubbish gives no record and stays bounded', () => {
    const frames = readInPieces(Buffer.alloc(4 * RECORD_MAX_BYTES, 0x41), [9_000]);
    expect(textsOf(frames)).toEqual([]);
    expect(Math.max(...frames.map((frame) => (frame.kind === 'record' ? 0 : frame.bytes.length)))).toBeLessThan(
      2 * RECORD_MAX_BYTES,
    );
  });

  test('zeros behind the last record, as a power cut leaves them, are torn and nothing else', () => {
    const frames = readInPieces(Buffer.concat([encodeFrame('{"a":1}'), Buffer.alloc(300)]), [64]);
    expect(frames.map(({ kind }) => kind)).toEqual(['record', 'torn']);
  });
});

test('a record that would not be found again is not written', () => {
  expect(() => encodeFrame('a\nb')).toThrow(RangeError);
  expect(() => encodeFrame('x'.repeat(RECORD_MAX_BYTES + 1))).toThrow(RangeError);
});
