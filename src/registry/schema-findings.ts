import { z } from 'zod';
import { nearestKey } from './nearest-key.ts';
import type { FieldPath, Finding } from './registry-problem.ts';

type Issue = z.core.$ZodIssue;

/**
 * Turns the issues of a schema into findings: one for each unknown key, and for a union those of the alternative that
 * the author most likely meant (the one with the fewest faults).
 */
export function schemaFindings(schema: z.ZodType, issues: readonly Issue[], value: unknown, file: string): Finding[] {
  return issues
    .flatMap((issue) => findingsOf(issue, []))
    .map((found) => ({
      file,
      ...(found.code === 'unknown_key' ? withSuggestion(found, schema) : sayMissing(found, value)),
    }));
}

type Found = Omit<Finding, 'file'>;

function findingsOf(issue: Issue, base: FieldPath): Found[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      code: 'unknown_key',
      message: 'unknown key',
      at: 'key' as const,
    }));
  }
  if (issue.code === 'invalid_union') {
    const best = [...issue.errors].sort((left, right) => weight(left) - weight(right))[0];
    const meantAnObject = best?.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys');
    if (best && meantAnObject) return best.flatMap((inner) => findingsOf(inner, path));
    return [{ path, code: 'invalid', message: issue.message }];
  }
  if (issue.code === 'invalid_value') {
    return [{ path, code: 'invalid', message: `must be ${alternatives(issue.values.map(String))}` }];
  }
  return [{ path, code: issue.code === 'custom' ? 'inconsistent' : 'invalid', message: issue.message }];
}

function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    // A value of another type altogether: this alternative was not meant.
    if (issue.path.length === 0 && issue.code !== 'unrecognized_keys') return sum + 100;
    return sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1);
  }, 0);
}

/** Says "is required" for what is not there at all. */
function sayMissing(found: Found, value: unknown): Found {
  if (found.code !== 'invalid') return found;
  const parent = valueAt(value, found.path.slice(0, -1));
  const last = found.path.at(-1);
  const isMissing = typeof last === 'string' && isRecord(parent) && parent[last] === undefined;
  return isMissing ? { ...found, message: 'is required', code: 'missing' } : found;
}

function withSuggestion(found: Found, schema: z.ZodType): Found {
  const known = knownKeysAt(z.toJSONSchema(schema, { io: 'input' }), found.path.slice(0, -1));
  const nearest = nearestKey(String(found.path.at(-1)), known);
  return nearest === null ? found : { ...found, hint: `did you mean ${nearest}?` };
}

/** Keys that a schema knows at a path, over all alternatives of a union. */
function knownKeysAt(schema: unknown, path: FieldPath): string[] {
  let nodes: unknown[] = alternativesOf(schema);
  for (const part of path) {
    nodes = nodes
      .map((node) => (typeof part === 'number' ? valueAt(node, ['items']) : valueAt(node, ['properties', part])))
      .flatMap(alternativesOf);
  }
  return nodes.flatMap((node) => Object.keys((valueAt(node, ['properties']) as object | undefined) ?? {}));
}

function alternativesOf(schema: unknown): unknown[] {
  const anyOf = valueAt(schema, ['anyOf']);
  return Array.isArray(anyOf) ? anyOf.flatMap(alternativesOf) : schema === undefined ? [] : [schema];
}

function alternatives(values: readonly string[]): string {
  if (values.length <= 1) return values[0] ?? 'something else';
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((node, part) => {
    if (Array.isArray(node)) return typeof part === 'number' ? node[part] : undefined;
    return isRecord(node) ? node[String(part)] : undefined;
  }, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
