import type { z } from '@hono/zod-openapi';
import type { CheckedRequest } from '../trust/raw-request.ts';
import { ProblemError } from './problem.ts';
import { parseStrictJson } from './strict-json.ts';

export const JSON_TYPE = 'application/json';

/**
 * The `body` of a route's request: JSON, always required. A body that a route does not require would let a request without
 * one reach the handler unvalidated.
 */
export function jsonBody<S extends z.ZodType>(schema: S, description: string) {
  return {
    required: true as const,
    description,
    content: { [JSON_TYPE]: { schema } } as { 'application/json': { schema: S } },
  };
}

/**
 * The body parsed; undefined when there is none.
 * @throws ProblemError `json_invalid`, `json_duplicate_key`
 */
export function readJson(body: Uint8Array): unknown {
  if (body.length === 0) return undefined;
  const parsed = parseStrictJson(body);
  if (parsed.ok) return parsed.value;
  const errors =
    parsed.pointer === undefined ? undefined : [{ pointer: parsed.pointer, code: parsed.code, message: parsed.detail }];
  throw new ProblemError(parsed.code, parsed.detail, { errors });
}

/**
 * The media type of a body, in lower case and without parameters, when the operation takes it.
 * @throws ProblemError `unsupported_media_type`
 */
export function checkMediaType(request: CheckedRequest, accepted: readonly string[]): string {
  const { names, values } = request.fields;
  const coding = values[names.indexOf('content-encoding')];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') {
    throw new ProblemError('unsupported_media_type', 'the body has a content coding; send it as it is');
  }
  const value = values[names.indexOf('content-type')];
  // The one spelling that nearly everybody uses.
  if (value === JSON_TYPE && accepted[0] === JSON_TYPE) return JSON_TYPE;
  const [essence = '', ...parameters] = (value ?? '').toLowerCase().split(';');
  const type = essence.trim();
  if (!accepted.includes(type)) {
    throw new ProblemError('unsupported_media_type', `the body must be ${accepted.join(' or ')}`);
  }
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  if (type === JSON_TYPE && charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) {
    throw new ProblemError('unsupported_media_type', 'JSON is read as UTF-8 only');
  }
  return type;
}
