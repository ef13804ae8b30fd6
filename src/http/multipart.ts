/** One part of a `multipart/form-data` body (RFC 7578). A file name is not kept: only that there was one. */
export interface MultipartPart {
  readonly name: string;
  readonly isFile: boolean;
  /** Media type without parameters, lower case; null when none was declared. */
  readonly contentType: string | null;
  /** A view into the body. */
  readonly bytes: Uint8Array;
}

export type Multipart =
  | { readonly ok: true; readonly parts: readonly MultipartPart[] }
  | { readonly ok: false; readonly code: 'boundary_missing' | 'multipart_malformed'; readonly message: string };

/** More parts than any operation has fields are nobody's form. */
export const MULTIPART_PARTS_MAX = 16;
/** The header of one part. */
const PART_HEAD_MAX_BYTES = 4096;
/** RFC 2046 §5.1.1: 1 to 70 characters, the last no space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const CRLF = '\r\n';

/**
 * Takes a body apart without copying its bytes. Strict: what is no part (preamble, epilogue but for one line end), header lines
 * that are folded, and transfer encodings other than the identity are faults, so that no two readers see different forms in it.
 * @param contentType the header field as sent
 */
export function parseMultipart(contentType: string, body: Uint8Array): Multipart {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) {
    return { ok: false, code: 'boundary_missing', message: 'Content-Type must name the boundary, once' };
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const first = Buffer.from(`--${boundary}`, 'latin1');
  const delimiter = Buffer.from(`${CRLF}--${boundary}`, 'latin1');
  if (!bytes.subarray(0, first.length).equals(first)) return malformed('the body does not begin with the boundary');
  const parts: MultipartPart[] = [];
  let at = first.length;
  for (;;) {
    const mark = bytes.toString('latin1', at, at + 2);
    if (mark === '--') {
      const rest = bytes.toString('latin1', at + 2, at + 5);
      return rest === '' || rest === CRLF ? { ok: true, parts } : malformed('something follows the closing boundary');
    }
    if (mark !== CRLF) return malformed('a boundary is not followed by a line end');
    if (parts.length === MULTIPART_PARTS_MAX) return malformed(`there are more than ${MULTIPART_PARTS_MAX} parts`);
    const end = bytes.indexOf(delimiter, at);
    if (end < 0) return malformed('the closing boundary is missing');
    const part = readPart(bytes.subarray(at + 2, Math.max(end, at + 2)));
    if (typeof part === 'string') return malformed(part);
    parts.push(part);
    at = end + delimiter.length;
  }
}

/** @returns the part, or what is wrong with it */
function readPart(bytes: Buffer): MultipartPart | string {
  const end = bytes.subarray(0, PART_HEAD_MAX_BYTES).indexOf(`${CRLF}${CRLF}`, 0, 'latin1');
  if (end < 0) return `a part has no header, or one of more than ${PART_HEAD_MAX_BYTES} bytes`;
  const fields = new Map<string, string>();
  for (const line of bytes.toString('utf8', 0, end).split(CRLF)) {
    const [, name = '', value = ''] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    const lower = name.toLowerCase();
    if (lower === '' || fields.has(lower)) return 'the header of a part cannot be read';
    fields.set(lower, value);
  }
  const disposition = parametersOf(fields.get('content-disposition') ?? '');
  const name = disposition?.parameters.get('name');
  if (disposition?.value !== 'form-data' || name === undefined) return 'a part has no name';
  const encoding = fields.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  if (!['binary', '8bit', '7bit'].includes(encoding))
    return `the part ${name} has a transfer encoding: send it as it is`;
  const isFile = disposition.parameters.has('filename') || disposition.parameters.has('filename*');
  const type = fields.get('content-type');
  const contentType = type === undefined ? null : (type.split(';', 1)[0] ?? '').trim().toLowerCase();
  return { name, isFile, contentType, bytes: bytes.subarray(end + 4) };
}

function boundaryOf(contentType: string): string | undefined {
  const boundary = parametersOf(contentType)?.parameters.get('boundary');
  return boundary !== undefined && BOUNDARY.test(boundary) ? boundary : undefined;
}

const PARAMETER = /;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*/y;

/** `value; name=text; name="text"`; undefined when it is none, or names a parameter twice. */
function parametersOf(
  text: string,
): { readonly value: string; readonly parameters: ReadonlyMap<string, string> } | undefined {
  const value = /^[^;]*/.exec(text)?.[0] ?? '';
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = value.length;
  while (PARAMETER.lastIndex < text.length) {
    const [, name = '', quoted, plain = ''] = PARAMETER.exec(text) ?? [];
    const lower = name.toLowerCase();
    if (lower === '' || parameters.has(lower)) return undefined;
    parameters.set(lower, quoted === undefined ? plain : quoted.replace(/\\(["\\])/g, '$1'));
  }
  return { value: value.trim().toLowerCase(), parameters };
}

function malformed(message: string): Multipart {
  return { ok: false, code: 'multipart_malformed', message };
}
