import type { z } from '@hono/zod-openapi';
import { fieldErrors, jsonPointer, meantAlternative } from './field-errors.ts';
import type { FieldError } from './problem.ts';

type Issue = z.core.$ZodIssue;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T /** Pointers to what was ignored. */; readonly unknownFields?: string[] }
  | { readonly ok: false; readonly errors: FieldError[] };

/** Fields hidden behind others (in a union, in what was just ignored) show up one round later. */
const MAX_ROUNDS = 4;

/**
 * Validates a value against a schema whose objects are strict. In sandbox an unknown field is an error, so that a misspelt
 * one is found while integrating; in live it is taken out and reported, so that a partner may send what we do not know yet.
 * @param value ours alone: unknown fields are removed in place
 * @param place where the value came from; absent = the body
 */
export function parseBody<S extends z.ZodType>(
  schema: S,
  value: unknown,
  env: 'sandbox' | 'live',
  place?: FieldError['in'],
): Parsed<z.output<S>> {
  let result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const unknownFields: string[] = [];
  if (env === 'live') {
    for (let round = 0; round < MAX_ROUNDS && !result.success; round += 1) {
      const before = unknownFields.length;
      removeUnknown(result.error.issues, [], value, unknownFields);
      if (unknownFields.length === before) break;
      result = schema.safeParse(value);
    }
    if (result.success) return { ok: true, value: result.data, unknownFields };
  }
  return { ok: false, errors: fieldErrors(result.error.issues, value, place) };
}

function removeUnknown(
  issues: readonly Issue[],
  base: readonly PropertyKey[],
  value: unknown,
  removed: string[],
): void {
  for (const issue of issues) {
    const path = base.length === 0 ? issue.path : [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const node = nodeAt(value, path);
      if (node === undefined) continue;
      for (const key of issue.keys) {
        if (!(key in node)) continue;
        delete node[key];
        removed.push(jsonPointer([...path, key]));
      }
    } else if (issue.code === 'invalid_union') {
      // Only where unknown fields are all that is wrong with an alternative; elsewhere they may be another one's.
      const meant = meantAlternative(issue.errors);
      if (meant?.every(isUnknownOnly)) removeUnknown(meant, path, value, removed);
    }
  }
}

function isUnknownOnly(issue: Issue): boolean {
  return issue.code === 'unrecognized_keys';
}

function nodeAt(value: unknown, path: readonly PropertyKey[]): Record<PropertyKey, unknown> | undefined {
  let node = value;
  for (const step of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = (node as Record<PropertyKey, unknown>)[step];
  }
  return typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>) : undefined;
}

/** More warnings than this would only fill the header. */
const MAX_WARNINGS = 16;

/** Value of `Sluice-Warnings`; pointers come from the client, so only visible ASCII without separators is let through. */
export function warningsHeader(pointers: readonly string[] = [], further: readonly string[] = []): string | undefined {
  if (pointers.length === 0 && further.length === 0) return undefined;
  const ignored = pointers
    .slice(0, MAX_WARNINGS)
    .map((pointer) => `unknown_field ${pointer.slice(0, 128).replace(/[^\x21-\x7e]|[,%]/gu, percentEncode)}`);
  return [...further, ...ignored].join(', ');
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
