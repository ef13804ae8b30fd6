import type { RouteConfig, z } from '@hono/zod-openapi';
import type { ValidationTargets } from 'hono';
import { fieldLineValues } from '../trust/field-lines.ts';
import type { CheckedRequest } from '../trust/raw-request.ts';
import { BODY_LIMIT_BYTES } from './capture.ts';
import { NOT_FOUND } from './field-errors.ts';
import { checkMediaType, JSON_TYPE, readJson } from './json-body.ts';
import { LARGE_BODY_BYTES } from './large-bodies.ts';
import { type Parsed, parseBody } from './parse-body.ts';
import { type FieldError, ProblemError } from './problem.ts';
import type { DoorContext } from './request-context.ts';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A route read once, when it is registered, so that a request costs no look at its declaration. */
export interface Operation {
  readonly route: string;
  /** `security: []` in the route: nobody has to be authenticated. */
  readonly isPublic: boolean;
  readonly maxBodyBytes: number;
  /** Takes bodies that many of which at once would fill the memory. */
  readonly isLarge: boolean;
  readonly mediaTypes: readonly string[];
  readonly json: z.ZodType | undefined;
  readonly form: z.ZodType | undefined;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly headers: z.ZodType | undefined;
}

/**
 * @throws Error when the route asks for what doors do not have; found at start, not at the first request
 */
export function compileOperation(route: RouteConfig): Operation {
  const { request, path } = route;
  const fault = (text: string): Error => new Error(`${route.method.toUpperCase()} ${path}: ${text}`);
  if (request?.cookies !== undefined) throw fault('doors validate no cookies');
  if (Array.isArray(request?.headers)) throw fault('header schemas are given as one object');
  if (request?.body !== undefined && request.body.required !== true) {
    throw fault('a body must be required; use jsonBody(), or leave it out');
  }
  const content = request?.body?.content ?? {};
  const limit: unknown = route['x-max-body-bytes'];
  const maxBodyBytes = typeof limit === 'number' ? limit : BODY_LIMIT_BYTES;
  return {
    route: path,
    isPublic: route.security !== undefined && route.security.length === 0,
    maxBodyBytes,
    isLarge: maxBodyBytes > LARGE_BODY_BYTES,
    mediaTypes: request?.body === undefined ? [JSON_TYPE] : Object.keys(content),
    json: schemaOf(content[JSON_TYPE]),
    form: schemaOf(content[FORM_TYPE]),
    params: request?.params,
    query: request?.query,
    headers: request?.headers as z.ZodType | undefined,
  };
}

function schemaOf(media: object | undefined): z.ZodType | undefined {
  const schema = media !== undefined && 'schema' in media ? media.schema : undefined;
  return typeof schema === 'object' && schema !== null && 'safeParse' in schema ? (schema as z.ZodType) : undefined;
}

/**
 * Validates what the operation declares; the handler reads it with `c.req.valid('json' | 'query' | 'param' | …)`. Faults of
 * all parts are told at once.
 * @throws ProblemError 415, 400 `json_…`, 422 `validation_failed`; 404 for a path parameter that cannot be an id of ours
 */
export function validateRequest<P>(
  c: DoorContext<P>,
  operation: Operation,
  request: CheckedRequest,
  env: 'sandbox' | 'live',
): void {
  const { json, form, params, query, headers } = operation;
  const faults = new Faults(c);
  if (params !== undefined) {
    faults.take('param', parseBody(params, c.req.param(), env, 'path'));
    if (faults.errors?.some((error) => error.code === NOT_FOUND)) throw new ProblemError('not_found');
  }
  if (query !== undefined) faults.take('query', parseBody(query, readPairs(request.query.slice(1)), env, 'query'));
  if (headers !== undefined) faults.take('header', parseBody(headers, readHeaders(request), env, 'header'));
  const hasBody = request.body.length > 0;
  const type = hasBody ? checkMediaType(request, operation.mediaTypes) : undefined;
  if (json !== undefined && (type === undefined || type === JSON_TYPE)) {
    faults.take('json', parseBody(json, readJson(request.body), env));
  } else if (form !== undefined && (type === undefined || type === FORM_TYPE)) {
    faults.take('form', parseBody(form, readPairs(Buffer.from(request.body).toString('utf8')), env));
  }
  faults.settle();
}

/** Gathers what the parts of one request gave. */
class Faults<P> {
  errors: FieldError[] | undefined;
  #c: DoorContext<P>;

  constructor(c: DoorContext<P>) {
    this.#c = c;
  }

  take(target: keyof ValidationTargets, parsed: Parsed<unknown>): void {
    if (!parsed.ok) {
      this.errors = this.errors === undefined ? parsed.errors : [...this.errors, ...parsed.errors];
      return;
    }
    this.#c.req.addValidatedData(target, parsed.value as object);
    if (parsed.unknownFields !== undefined) {
      const context = this.#c.get('request');
      context.unknownFields = [...(context.unknownFields ?? []), ...parsed.unknownFields];
    }
  }

  settle(): void {
    if (this.errors === undefined) return;
    const [first] = this.errors;
    const detail = first === undefined ? undefined : `${first.pointer || 'the body'}: ${first.message}`;
    throw new ProblemError('validation_failed', detail, { errors: this.errors });
  }
}

/** Names and values of a query or a form; a name given several times becomes a list, which most schemas refuse. */
function readPairs(text: string): Record<string, string | string[]> {
  const pairs: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const before = pairs[name];
    pairs[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  // A plain prototype again: schemas treat objects without one as no objects.
  return { ...pairs };
}

function readHeaders(request: CheckedRequest): Record<string, string> {
  const names = new Set(request.fields.names);
  return Object.fromEntries([...names].map((name) => [name, fieldLineValues(request.fields, name).join(', ')]));
}
