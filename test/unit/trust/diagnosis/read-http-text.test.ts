import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHttpText } from '../../../../src/trust/diagnosis/read-http-text.ts';

function read(text: string) {
  const reading = readHttpText(text);
  if (!reading.ok) throw new Error(reading.detail);
  const { body, ...head } = reading.request;
  return { ...head, body: Buffer.from(body).toString('utf8') };
}

const EXPECTED = {
  method: 'POST',
  target: '/v1/prechecks?x=1',
  headers: [
    ['Host', 'api.example.com'],
    ['Content-Type', 'application/json'],
  ],
  body: '{"a":1}',
};

describe('a request is read as it stands in a log', () => {
  test.each([
    ['as it went over the wire', '\r\n', ''],
    ['with the line ends of an editor', '\n', ''],
    ['with empty lines before it', '\n', '\n\n'],
  ])('%s', (_name, end, before) => {
    const lines = ['POST /v1/prechecks?x=1 HTTP/1.1', 'Host: api.example.com', 'Content-Type:application/json ', ''];
    expect(read(before + [...lines, '{"a":1}'].join(end))).toEqual(EXPECTED);
  });

  test('a line end that an editor added after the body is not part of it, as Content-Length says', () => {
    const text = 'POST / HTTP/1.1\nHost: a\nContent-Length: 7\n\n{"a":1}\n';
    expect(read(text).body).toBe('{"a":1}');
    expect(read(text.replace('Content-Length: 7\n', '')).body).toBe('{"a":1}\n');
  });

  test('of what curl -v says, only what was sent counts', () => {
    const trace = [
      '*   Trying 127.0.0.1:8787...',
      '* Connected to api.example.com (127.0.0.1) port 8787 (#0)',
      '> POST /v1/prechecks?x=1 HTTP/1.1',
      '> Host: api.example.com',
      '> Content-Type: application/json',
      '> ',
      '} [7 bytes data]',
      '< HTTP/1.1 401 Unauthorized',
      '< content-type: application/problem+json',
    ].join('\n');
    expect(read(trace)).toEqual({ ...EXPECTED, body: '' });
  });

  test('what is no request is refused with the line', () => {
    expect(readHttpText('hello')).toMatchObject({ ok: false, detail: expect.stringContaining('first line') });
    expect(readHttpText('GET / HTTP/1.1\nHost a')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('line 2'),
    });
  });

  test('any text is read or refused, never a fault', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('GET / HTTP/1.1', '> GET / HTTP/1.1', 'a: b', ' folded', '', '> '),
    );
    fc.assert(fc.property(fc.array(line), (lines) => void readHttpText(lines.join('\n'))));
  });
});
