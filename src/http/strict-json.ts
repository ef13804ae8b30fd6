import { isUtf8 } from 'node:buffer';
import { endOfString, findJsonFault } from './json-fault.ts';

export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: 'json_invalid' | 'json_duplicate_key';
      /** Says where, never what stood there: bodies hold personal data. */
      readonly detail: string;
      /** RFC 6901 pointer to the fault, where it is inside a well-formed text. */
      readonly pointer?: string;
    };

/** Deeper nesting is no message of ours; the bound keeps recursive readers behind us safe. */
export const MAX_JSON_DEPTH = 32;

/**
 * Parses JSON that means the same to every reader (RFC 7493, I-JSON): valid UTF-8, no key twice in an object, no
 * `__proto__`, no lone surrogate, at most {@link MAX_JSON_DEPTH} levels, no number that a double cannot hold and no integer
 * written out beyond 2⁵³ − 1. A signed body is read again by systems behind us, which must not see other values than we did.
 *
 * The native parser does the work; a scan of the text counts members, a walk over the value counts keys. Only where the
 * counts differ or a number or escape looks suspicious does the slow reader look for the fault and its place.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  if (!isUtf8(bytes)) return invalid('the body is not valid UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return invalid(`the body is not valid JSON${placeOf(error, text)}`);
  }
  const shape = scanShape(text);
  if (shape.depth > MAX_JSON_DEPTH) return invalid(`the body is nested more than ${MAX_JSON_DEPTH} levels deep`);
  if (shape.members === countKeys(value) && !SURROGATE_ESCAPE.test(text)) return { ok: true, value };
  const fault = findJsonFault(text);
  return fault === undefined ? { ok: true, value } : { ok: false, ...fault };
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const QUOTE = 0x22;

/** Members and depth of a valid JSON text: colons and brackets outside strings. */
function scanShape(text: string): { members: number; depth: number } {
  let members = 0;
  let level = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === 0x3a) {
      members += 1;
    } else if (code === 0x7b || code === 0x5b) {
      level += 1;
      if (level > depth) depth = level;
    } else if (code === 0x7d || code === 0x5d) {
      level -= 1;
    }
  }
  return { members, depth };
}

/** Keys in a parsed value; NaN where a number or key needs the slow reader, as NaN equals no count. */
function countKeys(value: unknown): number {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER ? Number.NaN : 0;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) count += key === '__proto__' ? Number.NaN : 1 + countKeys(object[key]);
  return count;
}

/** Where the parser stopped. Its own message quotes the text and is therefore not passed on. */
function placeOf(error: unknown, text: string): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `, at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function invalid(detail: string): StrictJson {
  return { ok: false, code: 'json_invalid', detail };
}
