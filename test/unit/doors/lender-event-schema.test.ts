import { OpenAPIHono, z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { LENDER_EVENT_DATA } from '../../../src/applications/lifecycle/lender-event-data.ts';
import { lenderEventSchema } from '../../../src/doors/lender/lender-event-schema.ts';

interface Schema {
  readonly description?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

function documented(): Schema {
  const app = new OpenAPIHono();
  app.openAPIRegistry.register('Events', z.object({ events: z.array(lenderEventSchema) }));
  const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 't', version: '1' } });
  return (document.components?.schemas?.LenderEvent ?? {}) as Schema;
}

function undescribed(schema: Schema, path: string): string[] {
  const nested = [schema.items, ...(schema.anyOf ?? [])].flatMap((one) => (one ? undescribed(one, path) : []));
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description === undefined ? [`${path}/${name}`] : []),
    ...undescribed(field, `${path}/${name}`),
  ]);
  return [...nested, ...fields];
}

describe('the documentation of lenders’ events', () => {
  const event = documented();

  test('has every type that a lender may send', () => {
    const types = event.oneOf?.map(({ title }) => title) ?? [];
    expect(types.sort()).toEqual([...Object.keys(LENDER_EVENT_DATA), 'application.needs_input'].sort());
  });

  test('describes every field, however deep', () => {
    const missing = [event, ...(event.oneOf ?? [])].flatMap((one) => undescribed(one, one.title ?? ''));
    expect(missing).toEqual([]);
  });
});

describe('at the door', () => {
  test('an event of any shape passes: what is wrong with it is its own result', () => {
    for (const raw of [null, 1, 'x', [], {}, { id: 'L-1' }])
      expect(lenderEventSchema.safeParse(raw).success).toBe(true);
  });
});
