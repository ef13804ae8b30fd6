import { z } from '@hono/zod-openapi';
import { toJSONSchema } from 'zod';
import { subjectSchema } from '../../identity/subject.ts';
import { LIST_NAMES, LIST_REASONS } from '../../screening/lists/entry.ts';
import { listEntrySchema } from '../../screening/lists/entry-schema.ts';
import { nameIdSchema } from '../schemas/scalars.ts';

type JsonSchema = Record<string, unknown>;

/** Entries, or questions, of one request. */
export const LIST_ITEMS_MAX = 1_000;
/** A thousand entries with all that they may say. */
export const LIST_BODY_MAX_BYTES = 2_097_152;

/** An entry as it is contributed; a field that is not in it is a misspelt one. */
export const entryInputSchema = listEntrySchema.strict();

/** An entry as it is named to be taken off. */
export const entryNameSchema = listEntrySchema
  .pick({ subject: true, list: true, scope: true })
  .extend({
    // What is sent as it was contributed names the same entry.
    ...listEntrySchema.pick({ reason: true, status: true, retry_at: true, group: true }).partial().shape,
    ...listEntrySchema.pick({ basis: true, expires_on: true, note: true }).partial().shape,
  })
  .strict();

/**
 * Lists of items of which anything passes: what is wrong with one is that item's result and must not refuse the others. The
 * documentation is made from the schemas that judge them.
 */
export function itemsOf(name: string, schema: z.ZodType, description: string) {
  const { $schema: _, ...documented } = toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const item = z.unknown().openapi(name, { ...documented, description } as Parameters<z.ZodType['openapi']>[1]);
  return z
    .array(item)
    .min(1)
    .max(LIST_ITEMS_MAX)
    .openapi({ description: `1 to ${LIST_ITEMS_MAX}; each is judged by itself` });
}

const faultsSchema = z
  .array(
    z.object({
      pointer: z.string().openapi({
        description: 'RFC 6901 pointer within the item; empty = the item itself',
        example: '/subject/phone',
      }),
      code: z.string().openapi({ description: 'Stable code of the fault', example: 'form_not_indexed' }),
      message: z.string().openapi({ description: 'What is wrong, in words', example: 'is required' }),
    }),
  )
  .optional()
  .openapi({ description: 'Each fault and its place, of what was rejected' });

const codeSchema = z
  .string()
  .optional()
  .openapi({ description: 'Code of the first fault, of what was rejected', example: 'form_not_indexed' });

export const entryResultSchema = z
  .object({
    id: z
      .string()
      .nullable()
      .openapi({ description: 'The entry; null = rejected', example: 'lst_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    result: z.enum(['created', 'updated', 'removed', 'rejected']).openapi({
      description: 'What became of it. `updated` also when it said the same before',
      example: 'created',
    }),
    code: codeSchema,
    errors: faultsSchema,
  })
  .openapi('ListEntryResult', { description: 'What became of one entry' });

export const entryResultsSchema = z.object({
  results: z.array(entryResultSchema).openapi({ description: 'One result an entry, in their order' }),
});

const checkResult = z.object({
  blocked: z
    .boolean()
    .nullable()
    .openapi({ description: 'Whether they would be refused; null = it cannot be told, see `code`', example: false }),
  trusted: z
    .boolean()
    .nullable()
    .openapi({ description: 'Whether somebody vouches for them; null = it cannot be told', example: true }),
  code: codeSchema,
  errors: faultsSchema,
});

export const checkResultSchema = checkResult.openapi('ListCheckResult', {
  description: 'What the lists say of one subject',
});

export const lenderCheckResultSchema = checkResult
  .extend({
    blocked_funders: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'Funders that would not lend; the others may', example: ['harbour'] }),
  })
  .openapi('LenderListCheckResult', { description: 'What your applications would see of one subject' });

/** What is asked of one subject. */
export const checkItemSchema = z.strictObject({
  subject: subjectSchema.strict().meta({
    description: 'A person or device as identifiers, plain or hashed; at least one',
    example: { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } },
  }),
});

export const lenderCheckItemSchema = checkItemSchema.extend({
  product_id: nameIdSchema.optional().meta({
    description: 'One of your products, whose funders are meant; absent = those of all',
    example: 'quick-flex',
  }),
});

export const changeSchema = z
  .object({
    change: z.enum(['created', 'updated', 'removed', 'suspended', 'resumed', 'imported']).openapi({
      description: 'What happened. `suspended`: under appeal, it counts for nothing until `resumed` or `removed`',
      example: 'created',
    }),
    id: z.string().nullable().openapi({
      description: 'The entry; null = many, by an import',
      example: 'lst_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    list: z.enum(LIST_NAMES).openapi({ description: 'Which list', example: 'block' }),
    scope: z.string().openapi({ description: 'Whose applications see it', example: 'funder:harbour' }),
    kind: z.string().openapi({ description: 'What it is about', example: 'phone' }),
    at: z.string().openapi({ description: 'When, RFC 3339', example: '2026-03-02T04:05:06.000Z' }),
    imported: z
      .object({
        import_id: z.string().openapi({ description: 'The import', example: '7f3a' }),
        part: z.int().openapi({ description: 'Which part of it', example: 1 }),
        rows: z.int().openapi({ description: 'Rows of the part', example: 10000 }),
        created: z.int().openapi({ description: 'Of these new', example: 9000 }),
        updated: z.int().openapi({ description: 'Of these changed', example: 1000 }),
      })
      .optional()
      .openapi({ description: 'Of `imported`: one part of a file' }),
  })
  .openapi('ListChange', { description: 'A change of an entry that you contributed' });

export const listNameSchema = z.enum(LIST_NAMES).openapi({ description: 'Which list', example: 'block' });
export const listReasonSchema = z.enum(LIST_REASONS).openapi({ description: 'Why it is there', example: 'overdue' });
