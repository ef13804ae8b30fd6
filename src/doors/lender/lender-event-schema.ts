import { z } from '@hono/zod-openapi';
import { toJSONSchema } from 'zod';
import { LENDER_EVENT_DATA } from '../../applications/lifecycle/lender-event-data.ts';
import { FIELD_NOTES } from './lender-event-notes.ts';

type JsonSchema = Record<string, unknown>;

/** `application.needs_input` is taken too: an `action.required` of type supplement by its other name. */
const ALIAS = 'application.needs_input';

/**
 * One event of a lender. Anything passes here: what is wrong with one event is that event's result and must not refuse the
 * others. The documentation is made from the schemas that judge events.
 */
export const lenderEventSchema = z.unknown().openapi('LenderEvent', {
  type: 'object',
  description: 'Something that happened at the lender. `type` tells the shape of `data`',
  required: ['id', 'type', 'occurred_at'],
  properties: {
    id: {
      type: 'string',
      maxLength: 128,
      description: 'Your id of the event; the same on every retry',
      example: 'L-1',
    },
    occurred_at: {
      type: 'string',
      format: 'date-time',
      description: 'RFC 3339 instant at which it happened, at most 5 minutes ahead of our clock',
      example: '2026-03-02T04:05:06.000Z',
    },
    application_id: {
      type: 'string',
      description: 'Its application. Every event names its object by application_id, loan_id or lender_ref',
      example: 'app_1f8ac10f23c5b5bc1167bda84b833e5c',
    },
    loan_id: {
      type: 'string',
      description: 'Its loan, for events about one',
      example: 'loan_1f8ac10f23c5b5bc1167bda84b833e5c',
    },
    lender_ref: {
      type: 'string',
      maxLength: 128,
      description: 'Your own reference of the object: the loan’s for events about a loan, else the application’s',
      example: 'QC-2026-000123',
    },
  },
  oneOf: Object.entries(LENDER_EVENT_DATA)
    .map(([type, data]) => variant(type, data))
    .concat(variant(ALIAS, LENDER_EVENT_DATA['action.required'].omit({ type: true }))),
});

function variant(type: string, data: z.ZodType) {
  const { $schema: _, ...schema } = toJSONSchema(data, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const isOptional = data.safeParse(undefined).success;
  return {
    type: 'object' as const,
    title: type,
    required: isOptional ? ['type'] : ['type', 'data'],
    properties: {
      type: { type: 'string' as const, enum: [type], description: 'What happened', example: type },
      data: { description: 'What is to be known of it', ...annotate(schema) },
    },
  };
}

/** Adds description, unit and example to every field, wherever it is nested. */
function annotate(schema: JsonSchema): JsonSchema {
  const { properties, items, anyOf, pattern, ...rest } = schema as JsonSchema & {
    properties?: JsonSchema;
    items?: JsonSchema;
    anyOf?: JsonSchema[];
  };
  // A format says it all; the pattern that comes with it fills half a screen.
  const kept = pattern === undefined || 'format' in rest ? rest : { ...rest, pattern };
  return {
    ...kept,
    ...(items === undefined ? {} : { items: annotate(items) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(annotate) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, field]) => [name, noted(name, annotate(field as JsonSchema))]),
          ),
        }),
  };
}

function noted(name: string, field: JsonSchema): JsonSchema {
  // Money is { amount, currency }, and its inner amount an integer; both are called amount.
  const note = FIELD_NOTES[name === 'amount' && field.type === 'integer' ? 'amount.amount' : name];
  if (note === undefined) return field;
  const [description, example] = note;
  const isMoney = 'properties' in field && 'currency' in (field.properties as JsonSchema);
  const values = Array.isArray(field.enum) ? field.enum : undefined;
  const shown = values === undefined || values.includes(example) ? example : values[0];
  return { description, ...(shown === undefined || isMoney ? {} : { example: shown }), ...field };
}
