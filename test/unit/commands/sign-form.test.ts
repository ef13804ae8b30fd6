import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readForm } from '../../../src/commands/sign-form.ts';
import { readRequestLine } from '../../../src/commands/sign-request-line.ts';
import { UsageError } from '../../../src/commands/usage-error.ts';
import { parseMultipart } from '../../../src/http/multipart.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-form-'));
  writeFileSync(join(folder, 'zhang-san.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0x0d, 0x0a]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a form on the command line', () => {
  test('is what an upload takes, byte for byte, and names no file', async () => {
    const { body, contentType } = await readForm(['kind=id_front', `file=@${join(folder, 'zhang-san.jpg')}`]);
    expect(parseMultipart(contentType, body)).toEqual({
      ok: true,
      parts: [
        { name: 'kind', isFile: false, contentType: null, bytes: Buffer.from('id_front') },
        { name: 'file', isFile: false, contentType: 'image/jpeg', bytes: Buffer.from([0xff, 0xd8, 0xff, 0x0d, 0x0a]) },
      ],
    });
    expect(body.includes('zhang')).toBe(false);
  });

  test('says what to write instead of what cannot be sent', async () => {
    const line = (form: string[], more: object = {}) =>
      readRequestLine('POST', 'https://x.example/v1/documents', { header: [], form, ...more });
    await expect(line(['kind'])).rejects.toThrow(/kind=id_front/);
    await expect(line(['file=@scan.bin'])).rejects.toThrow(/type=image\/jpeg/);
    await expect(line([`file=@${folder}/none.png`])).rejects.toThrow(/no such file/);
    await expect(line(['kind=face'], { data: '{}' })).rejects.toThrow(UsageError);
    await expect(line(['kind=face'], { header: ['Content-Type: text/plain'] })).rejects.toThrow(/leave it out/);
    expect((await line(['kind=face'])).headers).toEqual([
      ['Content-Type', expect.stringMatching(/^multipart\/form-data; boundary=/)],
    ]);
  });
});
