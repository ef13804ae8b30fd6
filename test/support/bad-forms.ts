import { FORM_TYPE, photo, uploadForm } from './documents.ts';

const file = photo('a photo', 2_000);
/** One that is taken. */
export const goodForm = uploadForm({ kind: 'id_front', file });
const part = (head: string): Buffer => Buffer.from(`--a-boundary-of-the-tests\r\n${head}\r\n\r\nx\r\n`);
const end = Buffer.from('--a-boundary-of-the-tests--\r\n');
const many = Array.from({ length: 10_000 }, () => part('Content-Disposition: form-data; name="kind"'));

/** Bodies of uploads that are none: what is wrong with each, its bytes, and its type where that is what is wrong. */
export const badForms: Readonly<Record<string, readonly [Uint8Array, string?]>> = {
  'no boundary in the type': [goodForm, 'multipart/form-data'],
  'another boundary': [goodForm, 'multipart/form-data; boundary=another'],
  'a boundary of a kilobyte': [goodForm, `multipart/form-data; boundary=${'b'.repeat(1_024)}`],
  'two boundaries': [goodForm, `${FORM_TYPE}; boundary=x`],
  'JSON instead': [Buffer.from('{"kind":"id_front"}'), 'application/json'],
  'JSON that says it is a form': [Buffer.from('{"kind":"id_front"}')],
  'nothing between the boundaries': [uploadForm({})],
  'no kind': [uploadForm({ file })],
  'no file': [uploadForm({ kind: 'id_front' })],
  'an empty file': [uploadForm({ kind: 'id_front', file: Buffer.alloc(0) })],
  'a kind that there is not': [uploadForm({ kind: '../../etc/passwd', file })],
  'a kind of a megabyte': [uploadForm({ kind: 'x'.repeat(1_000_000), file })],
  'a page as a photo': [uploadForm({ kind: 'id_front', file: Buffer.from('<script>alert(1)</script>') })],
  'a photo as a page': [uploadForm({ kind: 'id_front', file, type: 'text/html' })],
  'a photo as a film': [uploadForm({ kind: 'id_front', file, type: 'video/mp4' })],
  'cut off in the middle': [goodForm.subarray(0, goodForm.length / 2)],
  'cut off before the end': [goodForm.subarray(0, -6)],
  'headers of a part without end': [part(`a: b\r\n`.repeat(10_000).trimEnd())],
  'ten thousand parts': [Buffer.concat([...many, end])],
  'a part without a name': [Buffer.concat([part('Content-Disposition: form-data'), end])],
  'a part named like a prototype': [Buffer.concat([part('Content-Disposition: form-data; name="__proto__"'), end])],
};
