import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { readNamedFile, UsageError } from './usage-error.ts';

export interface Form {
  readonly body: Buffer;
  /** With the boundary. */
  readonly contentType: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.pdf': 'application/pdf',
  '.mp4': 'video/mp4',
};
const FIELD = /^([A-Za-z0-9_-]{1,64})=(.*)$/s;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/i;

/**
 * A `multipart/form-data` body (RFC 7578). Names of files are not put into it: nobody needs them, and they may name a person.
 * @param fields `name=text`, or `name=@file` with `;type=media/type` where the ending does not tell
 * @throws UsageError with what to write instead
 */
export async function readForm(fields: readonly string[]): Promise<Form> {
  const boundary = `sluice-${randomBytes(16).toString('hex')}`;
  const parts = await Promise.all(fields.map(readField));
  const body = Buffer.concat([
    ...parts.flatMap(({ head, bytes }) => [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

async function readField(field: string): Promise<{ head: string; bytes: Buffer }> {
  const [, name, value = ''] = FIELD.exec(field) ?? [];
  if (name === undefined) throw new UsageError(`--form "${field}" is no field such as kind=id_front or file=@id.jpg`);
  if (!value.startsWith('@')) return { head: `name="${name}"`, bytes: Buffer.from(value) };
  const [, file = '', given] = /^@(.*?)(?:;type=([^;]*))?$/s.exec(value) ?? [];
  const type = given ?? TYPES[extname(file).toLowerCase()];
  if (type === undefined || !MEDIA_TYPE.test(type)) {
    throw new UsageError(`--form ${name}: say what ${file} is, such as ${name}=@${file};type=image/jpeg`);
  }
  return { head: `name="${name}"\r\nContent-Type: ${type}`, bytes: await readNamedFile(file) };
}
