import type { OpenAPIHono } from '@hono/zod-openapi';
import { creditSchema } from '../doors/schemas/application-schema.ts';
import { touchSchema } from '../doors/schemas/attribution-schema.ts';
import { deviceSchema } from '../doors/schemas/device-schema.ts';
import { nextActionSchema } from '../doors/schemas/next-action-schema.ts';
import { requestedSchema } from '../doors/schemas/requested-schema.ts';
import { moneySchema, signedMoneySchema } from '../http/common-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const COMPONENTS = '#/components/schemas/';

/**
 * Names the components that are used in altered form: with another description, or null. The generator takes the first use
 * that it meets for the component itself, and a `Requested` that may be null in an answer would be so in a request as well.
 */
export function nameComponents(registry: OpenAPIHono['openAPIRegistry']): void {
  // What others are made of comes first.
  registry.register('Money', moneySchema);
  registry.register('SignedMoney', signedMoneySchema);
  registry.register('Credit', creditSchema);
  registry.register('Device', deviceSchema);
  registry.register('NextAction', nextActionSchema);
  registry.register('Requested', requestedSchema);
  registry.register('Touch', touchSchema);
}

/**
 * The same document with "this component, or null" in a form that null satisfies: the generator writes it as all of the
 * component (an object) and of object-or-null.
 */
export function withNullableRefs<T>(node: T): T {
  return tidied(node) as T;
}

function tidied(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tidied);
  if (!isJson(node)) return node;
  const { allOf, ...rest } = node;
  const [reference, change, ...more] = Array.isArray(allOf) ? (allOf as Json[]) : [];
  const orNull = Array.isArray(change?.type) && change.type.includes('null');
  if (reference?.$ref !== undefined && change !== undefined && orNull && more.length === 0) {
    const { type: _, ...notes } = change;
    return { anyOf: [reference, { type: 'null' }], ...notes, ...rest };
  }
  return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, tidied(member)]));
}

/** The components that something in the document refers to, however indirectly. */
export function usedComponents(paths: unknown, schemas: Json): Json {
  const used = new Set<string>();
  const collect = (node: unknown): void => {
    for (const [, name = ''] of JSON.stringify(node).matchAll(REFERENCE)) {
      if (used.has(name)) continue;
      used.add(name);
      collect(schemas[name] ?? {});
    }
  };
  collect(paths);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

const REFERENCE = new RegExp(`"\\$ref":"${COMPONENTS}([^"]+)"`, 'g');

function isJson(node: unknown): node is Json {
  return typeof node === 'object' && node !== null;
}
