import { z } from '@hono/zod-openapi';
import { CUSTOMER_STATUSES, LIST_KINDS } from '../../../screening/lists/entry.ts';
import type { EntryDoc } from '../../../screening/lists/entry-doc.ts';
import type { FoundEntry } from '../../../screening/lists/find-entries.ts';
import { listNameSchema, listReasonSchema } from '../../lists/entry-schema.ts';

const textOrNull = (description: string, example: string | null) =>
  z.string().nullable().openapi({ description, example });

export const entrySchema = z
  .object({
    id: textOrNull('The entry; null where it cannot be told from the form that was asked for', 'lst_1f8ac10f23c5b5bc'),
    kind: z.enum(LIST_KINDS).openapi({ description: 'What it is about', example: 'phone' }),
    list: listNameSchema,
    scope: z.string().openapi({ description: 'Whose applications see it', example: 'funder:harbour' }),
    contributor: z.string().openapi({
      description: 'Who put it there: lender:<id>, partner:<id>, operator, or gateway for an automatic one',
      example: 'lender:quickcredit',
    }),
    reason: listReasonSchema,
    status: z
      .enum(CUSTOMER_STATUSES)
      .nullable()
      .openapi({ description: 'Of the list customer: what they have with the lender', example: null }),
    state: z
      .enum(['active', 'suspended', 'withdrawn', 'expired'])
      .openapi({ description: 'Only active ones count; suspended = under appeal', example: 'active' }),
    expires_on: textOrNull('Last day that it counts (UTC); null = it never ends', '2026-12-31'),
    known_in_plain: z.boolean().openapi({ description: 'Found under every form of the identifier', example: true }),
    group: textOrNull('The contributor’s reference that the entries of one person share', 'case-77'),
    basis: z
      .object({
        kind: z.string().openapi({ description: 'What kind of thing', example: 'contract' }),
        ref: z.string().openapi({ description: 'Which one', example: 'C-2026-0117' }),
      })
      .nullable()
      .openapi({ description: 'What it rests on' }),
    note: textOrNull('For people', null),
    retry_at: textOrNull('Of a refused customer: from when they may ask again, RFC 3339', null),
    created_at: textOrNull('When it was contributed, RFC 3339; null = nobody has kept it', '2026-03-02T04:05:06.000Z'),
    updated_at: textOrNull('Its last change, RFC 3339; likewise', '2026-03-02T04:05:06.000Z'),
    history: z
      .array(
        z.object({
          at: z.string().openapi({ description: 'When, RFC 3339', example: '2026-03-02T04:05:06.000Z' }),
          what: z
            .enum(['contributed', 'changed', 'suspended', 'resumed', 'withdrawn', 'superseded'])
            .openapi({ description: 'What happened', example: 'contributed' }),
          by: z.string().openapi({ description: 'By whom', example: 'lender:quickcredit' }),
          note: z.string().optional().openapi({ description: 'Because of what', example: 'apl_1f8ac10f23c5b5bc' }),
        }),
      )
      .openapi({ description: 'The last twenty steps; none of an entry that says no more than the index holds' }),
  })
  .openapi('ListEntry', { description: 'An entry of the shared lists, without whom it means' });

type Shown = Omit<FoundEntry, 'tokens' | 'source' | 'doc'> & { readonly doc: Omit<EntryDoc, 'state'> | null };

export function entryView({ doc, ...entry }: Shown): z.output<typeof entrySchema> {
  const { id, kind, list, scope, contributor, reason, status, state, expires_on, known_in_plain } = entry;
  return {
    id,
    kind,
    list,
    scope,
    contributor,
    reason,
    status,
    state,
    expires_on,
    known_in_plain,
    group: doc?.group ?? null,
    basis: doc?.basis ?? null,
    note: doc?.note ?? null,
    retry_at: doc?.retry_at ?? null,
    created_at: doc?.created_at ?? null,
    updated_at: doc?.updated_at ?? null,
    history: doc?.history.map((step) => ({ ...step })) ?? [],
  };
}
