import type { Component, ComponentOptions } from './component.ts';
import { type FieldLines, fieldLineValues, fieldValue } from './field-lines.ts';
import { dictionaryMember, type StructuredFieldTypes, strictSerialization } from './structured-field.ts';

/** What of a request can be signed (RFC 9421 §2.2). */
export type RequestMessage = {
  readonly kind: 'request';
  readonly method: string;
  readonly scheme: string;
  /** Lower case, default port dropped. */
  readonly authority: string;
  /** Request target in origin form. */
  readonly target: string;
  readonly path: string;
  /** With its `?`; empty when there is none. */
  readonly query: string;
  readonly fields: FieldLines;
  readonly trailers?: FieldLines;
};

/** What of a response can be signed, with the request it answers for components marked `req` (RFC 9421 §2.4). */
export type ResponseMessage = {
  readonly kind: 'response';
  readonly status: number;
  readonly fields: FieldLines;
  readonly trailers?: FieldLines;
  readonly request?: RequestMessage;
};

export type SignedMessage = RequestMessage | ResponseMessage;

export type SignatureBase =
  | { readonly ok: true; readonly base: string }
  /** `absent`: the message lacks a covered component. `unusable`: the component cannot be told for such a message. */
  | { readonly ok: false; readonly fault: 'absent' | 'unusable'; readonly detail: string };

/** HTTP field values that the base may hold: ASCII, one line (RFC 9421 §2.5). */
export const ONE_ASCII_LINE = /^[\t\x20-\x7e]*$/;

/**
 * The signature base of RFC 9421 §2.5: a line per component, then `@signature-params`, joined by LF and without a last LF.
 * @param parametersText serialised value of `@signature-params`
 * @param types structured types of fields beyond the registered ones, for components with `sf` or `key`
 */
export function signatureBase(
  message: SignedMessage,
  components: readonly Component[],
  parametersText: string,
  types?: StructuredFieldTypes,
): SignatureBase {
  let base = '';
  for (const component of components) {
    const value = componentValue(message, component, types);
    if (typeof value !== 'string')
      return { ok: false, fault: value.fault, detail: `${component.identifier}: ${value.why}` };
    if (!ONE_ASCII_LINE.test(value)) {
      return { ok: false, fault: 'unusable', detail: `${component.identifier}: its value is not one line of ASCII` };
    }
    base += `${component.identifier}: ${value}\n`;
  }
  return { ok: true, base: `${base}"@signature-params": ${parametersText}` };
}

type NoValue = { readonly fault: 'absent' | 'unusable'; readonly why: string };

/** The value of one component (RFC 9421 §2.1, §2.2), or why there is none. */
export function componentValue(
  message: SignedMessage,
  { name, options }: Component,
  types?: StructuredFieldTypes,
): string | NoValue {
  if (options !== undefined) return optionedValue(message, name, options, types);
  if (name.charCodeAt(0) === 0x40) return derivedValue(message, name);
  return fieldValue(message.fields, name) ?? absent('the message has no such field');
}

function optionedValue(
  message: SignedMessage,
  name: string,
  options: ComponentOptions,
  types?: StructuredFieldTypes,
): string | NoValue {
  if (options.req === true) {
    if (message.kind === 'request') return unusable('req belongs to signatures of responses');
    if (message.request === undefined) return absent('the request is not known');
    const { req: _, ...others } = options;
    return optionedValue(message.request, name, others, types);
  }
  if (name === '@query-param') {
    if (message.kind === 'response') return unusable('a response has no query');
    return queryParameter(message, options.name ?? '');
  }
  if (name.charCodeAt(0) === 0x40) return derivedValue(message, name);
  const fields = options.tr === true ? message.trailers : message.fields;
  if (fields?.names.includes(name) !== true) return absent('the message has no such field');
  if (options.key !== undefined) return dictionaryMember(fields, name, options.key) ?? absent('it has no such member');
  if (options.bs === true) {
    const lines = fieldLineValues(fields, name);
    return lines.map((line) => `:${Buffer.from(line, 'latin1').toString('base64')}:`).join(', ');
  }
  const value = fieldValue(fields, name) ?? '';
  if (options.sf !== true) return value;
  return strictSerialization(name, value, types) ?? unusable('it is not a structured field that we know');
}

function derivedValue(message: SignedMessage, name: string): string | NoValue {
  if (message.kind === 'response') {
    return name === '@status' ? String(message.status) : unusable('a response has no such component');
  }
  switch (name) {
    case '@method':
      return message.method;
    case '@authority':
      return message.authority;
    case '@path':
      return message.path;
    case '@query':
      // RFC 9421 §2.2.7: an absent query is a single question mark.
      return message.query === '' ? '?' : message.query;
    case '@target-uri':
      return `${message.scheme}://${message.authority}${message.target}`;
    case '@request-target':
      return message.target;
    case '@scheme':
      return message.scheme;
    default:
      return unusable('a request has no such component');
  }
}

/** RFC 9421 §2.2.8: decoded as a form, encoded again; a parameter that occurs twice cannot be covered. */
function queryParameter(message: RequestMessage, name: string): string | NoValue {
  let parameters = queryParameters.get(message);
  if (parameters === undefined) {
    parameters = readQuery(message.query);
    queryParameters.set(message, parameters);
  }
  const value = parameters.get(name);
  if (value === null) return unusable('the parameter occurs more than once');
  return value ?? absent('the query has no such parameter');
}

/** Read once for each message: strangers may name hundreds of parameters of one long query. */
const queryParameters = new WeakMap<RequestMessage, ReadonlyMap<string, string | null>>();

/** By name; null of one that occurs more than once. */
function readQuery(query: string): ReadonlyMap<string, string | null> {
  const parameters = new Map<string, string | null>();
  for (const [key, value] of new URLSearchParams(query)) {
    const name = formEncode(key);
    parameters.set(name, parameters.has(name) ? null : formEncode(value));
  }
  return parameters;
}

/** The form percent-encode set of the URL standard, with %20 for a space; encodeURIComponent leaves five characters more. */
function formEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function absent(why: string): NoValue {
  return { fault: 'absent', why };
}

function unusable(why: string): NoValue {
  return { fault: 'unusable', why };
}
