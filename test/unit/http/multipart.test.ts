import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MULTIPART_PARTS_MAX, parseMultipart } from '../../../src/http/multipart.ts';

const TYPE = 'multipart/form-data; boundary=XX';

function form(...parts: readonly [head: string, bytes: Uint8Array | string][]): Buffer {
  const written = parts.flatMap(([head, bytes]) => [
    Buffer.from(`--XX\r\n${head}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...written, Buffer.from('--XX--\r\n')]);
}

const named = (name: string, more = ''): string => `Content-Disposition: form-data; name="${name}"${more}`;

describe('a multipart body', () => {
  test('is what a standard client writes, byte for byte, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 20 }), async (bytes, text) => {
        const data = new FormData();
        data.set('kind', text);
        data.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'a "name"; of.jpg');
        const request = new Request('http://x', { method: 'POST', body: data });
        const body = new Uint8Array(await request.arrayBuffer());
        const read = parseMultipart(request.headers.get('content-type') ?? '', body);
        if (!read.ok) throw new Error(read.message);
        const [kind, file] = read.parts;
        expect(kind).toMatchObject({ name: 'kind', isFile: false, contentType: null });
        // Clients write line ends of a text field as CRLF.
        expect(Buffer.from(kind?.bytes ?? []).toString()).toBe(
          Buffer.from(text.replace(/\r\n|\r|\n/g, '\r\n')).toString(),
        );
        expect(file).toMatchObject({ name: 'file', isFile: true, contentType: 'image/jpeg' });
        expect(Buffer.from(file?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('keeps what looks like a boundary but does not begin a line', () => {
    const read = parseMultipart(TYPE, form([named('file', '; filename=x'), 'a--XX--b\r\n-XX']));
    expect(read).toMatchObject({ ok: true, parts: [{ name: 'file', isFile: true }] });
    if (read.ok) expect(Buffer.from(read.parts[0]?.bytes ?? []).toString()).toBe('a--XX--b\r\n-XX');
  });

  test('may have its boundary quoted, and its header in any case', () => {
    const body = form(['content-disposition: form-data; NAME=kind\r\nCONTENT-TYPE: Text/Plain; charset=utf-8', 'face']);
    expect(parseMultipart('multipart/form-data; Boundary="XX"', body)).toMatchObject({
      ok: true,
      parts: [{ name: 'kind', contentType: 'text/plain' }],
    });
  });

  test.each([
    ['no boundary', 'multipart/form-data', form([named('a'), '1'])],
    ['two boundaries', 'multipart/form-data; boundary=XX; boundary=YY', form([named('a'), '1'])],
    ['a boundary of 71 characters', `multipart/form-data; boundary=${'X'.repeat(71)}`, form([named('a'), '1'])],
  ])('is not read: %s', (_, type, body) => {
    expect(parseMultipart(type, body)).toMatchObject({ ok: false, code: 'boundary_missing' });
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['another boundary', Buffer.from('--YY\r\n\r\n--YY--')],
    ['a preamble', Buffer.concat([Buffer.from('hello\r\n'), form([named('a'), '1'])])],
    ['an epilogue', Buffer.concat([form([named('a'), '1']), Buffer.from('more')])],
    ['no end', form([named('a'), '1']).subarray(0, -6)],
    ['a part without a name', form(['Content-Disposition: form-data', '1'])],
    ['a part that is no form data', form(['Content-Disposition: attachment; name="a"', '1'])],
    ['a name given twice', form(['Content-Disposition: form-data; name="a"; name="b"', '1'])],
    ['a header given twice', form([`${named('a')}\r\n${named('b')}`, '1'])],
    ['a folded header', form([`${named('a')}\r\n ; filename=x`, '1'])],
    ['a header without an end', Buffer.from(`--XX\r\n${named('a')}\r\n--XX--`)],
    ['a header of 5 000 bytes', form([`${named('a')}\r\nX-Long: ${'x'.repeat(5_000)}`, '1'])],
    ['a part in base64', form([`${named('a')}\r\nContent-Transfer-Encoding: base64`, 'MQ=='])],
    [
      'too many parts',
      form(
        ...Array.from({ length: MULTIPART_PARTS_MAX + 1 }, () => [named('a'), '1'] as const).map(
          ([h, b]) => [h, b] as [string, string],
        ),
      ),
    ],
  ])('is refused: %s', (_, body) => {
    expect(parseMultipart(TYPE, body)).toMatchObject({ ok: false, code: 'multipart_malformed' });
  });

  test('never makes the reader throw, whatever is sent', () => {
    const piece = fc.constantFrom('--XX', '\r\n', '--', named('a'), 'x', '\r\n\r\n', '"', ';', '\\');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        expect(typeof parseMultipart(TYPE, Buffer.from(pieces.join(''))).ok).toBe('boolean');
      }),
    );
  });
});
