import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openapiFiles } from '../../../src/commands/openapi-documents.ts';

interface Schema {
  readonly [name: string]: unknown;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

interface Content {
  readonly schema: Schema;
}

interface Operation {
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly description: string;
  readonly headers?: object;
  readonly content?: Readonly<Record<string, Content>>;
}

interface Document {
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes?: object; readonly schemas: Readonly<Record<string, Schema>> };
}

/** A schema where it is used. */
interface Place {
  readonly where: string;
  readonly schema: Schema;
  readonly document: Document;
  readonly isProperty: boolean;
  readonly isRequest: boolean;
}

const DOORS = ['partner', 'lender', 'operator', 'referral'] as const;
const documents = new Map(
  DOORS.map((door) => [door, JSON.parse(openapiFiles().get(`${door}.json`) ?? '') as Document] as const),
);

function operations(): { where: string; door: string; document: Document; operation: Operation }[] {
  return [...documents].flatMap(([door, document]) =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        where: `${method.toUpperCase()} ${path}`,
        door,
        document,
        operation,
      })),
    ),
  );
}

function deref({ components }: Document, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
}

/** Every schema that any operation shows, once a use as request or answer. */
function places(): Place[] {
  const found: Place[] = [];
  const seen = new Set<string>();
  const walk = (place: Place): void => {
    const { document, schema, where, isRequest } = place;
    if (schema.$ref !== undefined) {
      const id = `${[...documents.values()].indexOf(document)} ${schema.$ref} ${isRequest}`;
      if (seen.has(id)) return;
      seen.add(id);
      walk({ ...place, where: schema.$ref, schema: deref(document, schema), isProperty: false });
      return;
    }
    found.push(place);
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (member.$ref !== undefined)
        found.push({ ...place, where: `${where}.${name}`, schema: member, isProperty: true });
      walk({ ...place, where: `${where}.${name}`, schema: member, isProperty: true });
    }
    const nested = [schema.items, ...['anyOf', 'oneOf', 'allOf'].flatMap((name) => schema[name] ?? [])];
    for (const inner of nested) {
      if (inner) walk({ ...place, where: `${where}[]`, schema: inner as Schema, isProperty: false });
    }
  };
  for (const { where, document, operation } of operations()) {
    for (const { name, schema } of operation.parameters ?? []) {
      walk({ where: `${where} ?${name}`, schema, document, isProperty: true, isRequest: true });
    }
    for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
      const isRequest = type === 'application/json';
      walk({ where: `${where} body`, schema, document, isProperty: false, isRequest });
    }
    for (const [status, answer] of Object.entries(operation.responses)) {
      for (const { schema } of Object.values(answer.content ?? {})) {
        walk({ where: `${where} ${status}`, schema, document, isProperty: false, isRequest: false });
      }
    }
  }
  return found;
}

const all = places();

/** The components that a schema is made of, with those that they are made of. */
function componentsOf({ components }: Document, schema: Schema): Record<string, Schema> {
  const needed: Record<string, Schema> = {};
  const look = (text: string): void => {
    for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/([^"]+)"/g)) {
      const component = components.schemas[name];
      if (component === undefined || name in needed) continue;
      needed[name] = component;
      look(JSON.stringify(component));
    }
  };
  look(JSON.stringify(schema));
  return needed;
}

/** The schema as a validator of its own. */
function validatorOf({ document, schema }: Place): z.ZodType {
  const { example: _, ...bare } = schema;
  const whole = JSON.stringify({ ...bare, $defs: componentsOf(document, bare) });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')));
}

/** By itself, by its component, or by the note beside its component. */
function isDescribed(document: Document, schema: Schema): boolean {
  const parts = [schema, deref(document, schema), ...((schema.allOf ?? schema.anyOf ?? []) as readonly Schema[])];
  return parts.some((part) => Boolean(deref(document, part).description));
}

function isScalar({ document, schema }: Place): boolean {
  const { type, properties, enum: values } = deref(document, schema);
  const types = typeof type === 'string' ? [type] : (type ?? []);
  return properties === undefined && values === undefined && types.some((one) => ['string', 'integer'].includes(one));
}

describe('openapi documents', () => {
  test('every example is valid against the schema that it stands in', () => {
    const wrong = all
      .filter(({ schema }) => schema.example !== undefined)
      .filter((place) => !validatorOf(place).safeParse(place.schema.example).success)
      .map(({ where, schema }) => `${where}: ${JSON.stringify(schema.example)}`);
    expect(wrong).toEqual([]);
  });

  test('every pattern is one that a client can use: no delimiters, no flags', () => {
    const wrong = all.filter(({ schema }) => schema.pattern?.startsWith('/'));
    expect(wrong.map(({ where, schema }) => `${where}: ${schema.pattern}`)).toEqual([]);
  });

  test('every field and parameter has a description, and an example unless its values are listed', () => {
    const fields = all.filter(({ isProperty }) => isProperty);
    const silent = fields.filter(({ document, schema }) => !isDescribed(document, schema));
    expect(silent.map(({ where }) => where)).toEqual([]);
    const bare = fields.filter((place) => isScalar(place) && deref(place.document, place.schema).example === undefined);
    expect(bare.map(({ where }) => where)).toEqual([]);
  });

  test('no object of a request takes fields that are not described, except an event, which is judged by itself', () => {
    const open = all
      .filter(({ isRequest, schema }) => isRequest && schema.properties !== undefined)
      .filter(({ schema, where }) => schema.additionalProperties !== false && !where.includes('LenderEvent'));
    expect(open.map(({ where }) => where)).toEqual([]);
  });

  test('a component is never null by itself: where it may be absent, the place says so', () => {
    for (const [door, { components }] of documents) {
      const nullable = Object.entries(components.schemas).filter(([, { type }]) => type?.includes('null'));
      expect(
        nullable.map(([name]) => name),
        door,
      ).toEqual([]);
    }
  });

  test('"all of" adds notes to a component and no shape of its own, which nothing could satisfy', () => {
    const parts = all.flatMap(({ where, schema }) =>
      ((schema.allOf ?? []) as readonly Schema[]).map((part) => ({ where, names: Object.keys(part) })),
    );
    const shapes = parts.filter(({ names }) =>
      names.some((name) => !['$ref', 'description', 'example'].includes(name)),
    );
    expect(shapes).toEqual([]);
  });

  test('the component of money says what money is, whoever uses it first', () => {
    for (const { components } of documents.values()) {
      expect(components.schemas.Money?.description ?? 'none').toMatch(/^(An amount of money in minor units|none)$/);
    }
  });

  test('every operation says how it is authenticated, and what its refusals look like', () => {
    for (const { where, door, document, operation } of operations()) {
      if (door === 'referral') {
        expect(operation.security, where).toEqual([]);
        continue;
      }
      const [scheme = {}] = document.security;
      expect(Object.keys(document.components.securitySchemes ?? {}), where).toEqual(Object.keys(scheme));
      const statuses = Object.keys(operation.responses);
      const guards = operation.security?.length === 0 ? [] : ['401', '403'];
      expect(statuses, where).toEqual(expect.arrayContaining(['400', ...guards, '422', '500', '503']));
      if (operation.requestBody) expect(statuses, where).toEqual(expect.arrayContaining(['413', '415']));
      for (const [status, { content, headers = {} }] of Object.entries(operation.responses)) {
        if (Number(status) >= 400) expect(Object.keys(content ?? {}), where).toEqual(['application/problem+json']);
        if (status === '401') {
          expect(Object.keys(headers), where).toEqual([door === 'operator' ? 'WWW-Authenticate' : 'Accept-Signature']);
        }
        if (status === '503') expect(Object.keys(headers), where).toEqual(['Retry-After']);
        if (status === '429') {
          expect(Object.keys(headers), where).toEqual(['Retry-After', 'RateLimit', 'RateLimit-Policy']);
        }
      }
    }
  });

  test('every parameter of a path is described, and every path parameter that is described is in the path', () => {
    for (const { where, operation } of operations()) {
      const inPath = [...where.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      const described = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
      expect(described.sort(), where).toEqual(inPath);
    }
  });
});
