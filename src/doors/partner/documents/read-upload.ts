import { DOCUMENT_MAX_BYTES } from '../../../applications/documents/document.ts';
import {
  DOCUMENT_CONTENT_TYPES,
  type DocumentContentType,
  sniffContentType,
} from '../../../applications/documents/sniff-content-type.ts';
import { jsonPointer } from '../../../http/field-errors.ts';
import { type MultipartPart, parseMultipart } from '../../../http/multipart.ts';
import { type FieldError, ProblemError } from '../../../http/problem.ts';
import { DOCUMENT_KINDS } from '../../../registry/schema/field-catalogue.ts';

/** A document as it was sent in, checked. */
export interface Upload {
  readonly kind: string;
  readonly contentType: DocumentContentType;
  /** A view into the body. */
  readonly bytes: Uint8Array;
  /** Pointers to parts that were ignored. */
  readonly unknownFields: readonly string[];
}

const FIELDS = ['kind', 'file'];
/** A kind is a word; what is longer is not read as text. */
const KIND_MAX_BYTES = 64;

/**
 * Reads the form of an upload. Parts that are not known are faults in sandbox, and ignored in live.
 * @param contentType the header field as sent
 * @throws ProblemError 413, 415 for what it is; 422 with a pointer for each fault of the form
 */
export function readUpload(contentType: string, body: Uint8Array, env: 'sandbox' | 'live'): Upload {
  const form = parseMultipart(contentType, body);
  if (!form.ok && form.code === 'boundary_missing') throw new ProblemError('unsupported_media_type', form.message);
  if (!form.ok) throw invalid([{ pointer: '', code: 'format', message: form.message }]);
  const unknown = form.parts.filter(({ name }) => !FIELDS.includes(name)).map(({ name }) => jsonPointer([name]));
  const errors: FieldError[] = [];
  if (env === 'sandbox') {
    for (const pointer of unknown) errors.push({ pointer, code: 'unknown_field', message: 'is not a known field' });
  }
  const kind = readKind(only(form.parts, 'kind', errors), errors);
  const file = readFile(only(form.parts, 'file', errors), errors);
  if (errors.length > 0 || file === undefined || kind === undefined) throw invalid(errors);
  return { kind, ...file, unknownFields: unknown };
}

function only(parts: readonly MultipartPart[], name: string, errors: FieldError[]): MultipartPart | undefined {
  const [part, second] = parts.filter((one) => one.name === name);
  if (part === undefined) errors.push({ pointer: `/${name}`, code: 'required', message: 'is required' });
  if (second === undefined) return part;
  errors.push({ pointer: `/${name}`, code: 'not_allowed', message: 'is given more than once; one document a request' });
  return undefined;
}

function readKind(part: MultipartPart | undefined, errors: FieldError[]): string | undefined {
  if (part === undefined) return undefined;
  const text = Buffer.from(part.bytes.subarray(0, KIND_MAX_BYTES)).toString('utf8');
  const kind = DOCUMENT_KINDS.find((one) => one === text && part.bytes.length <= KIND_MAX_BYTES);
  if (kind === undefined) {
    errors.push({ pointer: '/kind', code: 'not_allowed', message: `must be one of ${DOCUMENT_KINDS.join(', ')}` });
  }
  return kind;
}

function readFile(
  part: MultipartPart | undefined,
  errors: FieldError[],
): Pick<Upload, 'contentType' | 'bytes'> | undefined {
  if (part === undefined) return undefined;
  const { bytes, contentType: declared } = part;
  if (bytes.length === 0) {
    errors.push({ pointer: '/file', code: 'too_small', message: 'must not be empty' });
    return undefined;
  }
  if (bytes.length > DOCUMENT_MAX_BYTES) {
    throw new ProblemError('body_too_large', `/file: a document has at most ${DOCUMENT_MAX_BYTES} bytes`);
  }
  const type = DOCUMENT_CONTENT_TYPES.find((one) => one === declared);
  const found = sniffContentType(bytes);
  if (type === undefined || found === undefined) {
    const what = type === undefined ? 'the part must declare' : 'the bytes must be';
    throw new ProblemError('unsupported_media_type', `/file: ${what} one of ${DOCUMENT_CONTENT_TYPES.join(', ')}`);
  }
  if (found === type) return { contentType: type, bytes };
  const message = `is declared ${type}, but its bytes are ${found}`;
  errors.push({ pointer: '/file', code: 'content_type_mismatch', message });
  return undefined;
}

function invalid(errors: readonly FieldError[]): ProblemError {
  const [first] = errors;
  const detail = first === undefined ? undefined : `${first.pointer || 'the body'}: ${first.message}`;
  return new ProblemError('validation_failed', detail, { errors });
}
