import { buffer } from 'node:stream/consumers';
import { readForm } from './sign-form.ts';
import { readNamedFile, UsageError } from './usage-error.ts';

/** What of a request is given on the command line. */
export interface RequestFlags {
  readonly data?: string;
  /** Fields of a form, instead of `data`. */
  readonly form?: readonly string[];
  readonly header: readonly string[];
}

export interface RequestLine {
  readonly method: string;
  readonly url: URL;
  /** In the order given, Content-Type last where it was added. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly bodyFile?: string | undefined;
}

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/s;
/** Set by us, or by whoever sends the request. */
const NOT_YOURS = ['host', 'content-length', 'content-digest', 'signature', 'signature-input', 'transfer-encoding'];

/**
 * Reads method, URL, headers and body.
 * @throws UsageError with what to write instead
 */
export async function readRequestLine(method: string, address: string, flags: RequestFlags): Promise<RequestLine> {
  const verb = method.toUpperCase();
  if (!/^[A-Z]+$/.test(verb)) throw new UsageError(`"${method}" is no method`);
  const url = readUrl(address);
  const { form: fields = [] } = flags;
  if (fields.length > 0 && flags.data !== undefined) throw new UsageError('give --data or --form, not both');
  const form = fields.length > 0 ? await readForm(fields) : undefined;
  const { body, bodyFile }: Pick<RequestLine, 'body' | 'bodyFile'> = form ?? (await readData(flags.data));
  if (body.length > 0 && verb === 'HEAD') throw new UsageError('a HEAD request has no body');
  const headers = flags.header.map(readHeader);
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  if (form !== undefined && hasType) throw new UsageError('Content-Type follows from --form: leave it out');
  if (body.length > 0 && !hasType) headers.push(['Content-Type', form?.contentType ?? 'application/json']);
  return { method: verb, url, headers, body, bodyFile };
}

function readUrl(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new UsageError(`"${address}" is no absolute URL such as https://api.example.com/v1/whoami`);
  }
  if (!/^https?:$/.test(url.protocol)) throw new UsageError('the URL must be http or https');
  if (url.username !== '' || url.password !== '') throw new UsageError('leave user and password out of the URL');
  url.hash = '';
  return url;
}

function readHeader(text: string): [name: string, value: string] {
  const header = HEADER.exec(text);
  const [, name = '', value = ''] = header ?? [];
  if (header === null || /[\r\n\0]/.test(value) || !/^[\t\x20-\x7e]*$/.test(value)) {
    throw new UsageError(`"${text}" is no header such as "Accept-Language: zh" (one line of ASCII)`);
  }
  if (NOT_YOURS.includes(name.toLowerCase())) {
    const advice = name.toLowerCase() === 'host' ? 'name the public host in the URL' : 'leave it out';
    throw new UsageError(`${name} follows from the request: ${advice}`);
  }
  return [name, value];
}

async function readData(data: string | undefined): Promise<Pick<RequestLine, 'body' | 'bodyFile'>> {
  if (data === undefined) return { body: new Uint8Array(0) };
  if (data === '-' || data === '@-') return { body: await buffer(process.stdin) };
  if (!data.startsWith('@')) return { body: Buffer.from(data) };
  const bodyFile = data.slice(1);
  return { body: await readNamedFile(bodyFile), bodyFile };
}
