import { z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX } from '../../audit/audit-view.ts';
import { dateSchema, idSchema, instantSchema } from '../../http/common-schemas.ts';
import { APPEAL_CLAIMS, APPEAL_VERDICTS, type AppealAnswer, type AppealEntry } from '../../screening/appeals/appeal.ts';
import { APPEAL_DUE_DAYS, APPEAL_LAPSE_DAYS } from '../../screening/appeals/appeal-rules.ts';
import { LIST_KINDS } from '../../screening/lists/entry.ts';
import { NOTE_MAX } from '../../screening/lists/entry-schema.ts';
import { listNameSchema, listReasonSchema } from '../lists/entry-schema.ts';
import { textSchema } from '../schemas/scalars.ts';
import { subjectSchema } from '../schemas/subject-schema.ts';

/** What both doors say of the course of an appeal. */
export const APPEAL_COURSE =
  `Contributors have ${APPEAL_DUE_DAYS} days to answer; meanwhile the entries count for nothing. Silence escalates: operators ` +
  `then see it and have ${APPEAL_LAPSE_DAYS} days more, after which unanswered entries are withdrawn.`;

export const openAppealSchema = z.strictObject({
  subject: subjectSchema,
  application_id: idSchema('app')
    .nullish()
    .openapi({ description: 'The application that was refused, if it is about one', example: null }),
  claim: z.enum(APPEAL_CLAIMS).openapi({ description: 'What the person says', example: 'settled' }),
});

const correctionSchema = z
  .strictObject({
    withdraw: z
      .array(idSchema('lst'))
      .max(100)
      .optional()
      .openapi({ description: 'Entries of yours that go; the others stand again', example: [] }),
    reason: listReasonSchema.optional().openapi({ description: 'Why the others are there, from now on' }),
    expires_on: dateSchema.optional().openapi({ description: 'Their last day (UTC)', example: '2026-12-31' }),
    note: textSchema(NOTE_MAX)
      .optional()
      .openapi({ description: 'Their note; no personal data', example: 'settled late' }),
    basis: z
      .strictObject({
        kind: textSchema(32).openapi({ description: 'What kind of thing they rest on', example: 'contract' }),
        ref: textSchema(128).openapi({ description: 'Which one', example: 'C-2026-0117' }),
      })
      .optional()
      .openapi({ description: 'What they rest on' }),
  })
  .openapi({ description: 'What is changed; at least one of these' });

export const answerFields = {
  verdict: z.enum(APPEAL_VERDICTS).openapi({
    description:
      'withdraw = the entries go, with their whole group; correct = see `correction`; uphold = they stand again',
    example: 'withdraw',
  }),
  reason: textSchema(AUDIT_REASON_MAX).openapi({
    description: `Why, at most ${AUDIT_REASON_MAX} characters, without personal data`,
    example: 'repaid on 2 March, the event was lost',
  }),
  correction: correctionSchema.nullish().openapi({ description: 'With the verdict correct: what is changed' }),
};

export const appealIdSchema = z
  .string()
  .openapi({ description: 'The appeal', example: 'apl_1f8ac10f23c5b5bc1167bda84b833e5c' });
export const claimSchema = z.enum(APPEAL_CLAIMS).openapi({ description: 'What the person says', example: 'settled' });
export const instantOrNull = (description: string) => instantSchema.nullable().openapi({ description, example: null });
export const applicationIdOrNull = z
  .string()
  .nullable()
  .openapi({ description: 'The application that it is about', example: null });

/** An entry as its contributor knows it. */
export const appealEntrySchema = z
  .object({
    id: z.string().openapi({ description: 'The entry', example: 'lst_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    list: listNameSchema,
    scope: z.string().openapi({ description: 'Whose applications see it', example: 'funder:harbour' }),
    kind: z.enum(LIST_KINDS).openapi({ description: 'What it is about', example: 'phone' }),
    reason: listReasonSchema,
    group: z
      .string()
      .nullable()
      .openapi({ description: 'Reference that the entries of one person share', example: 'case-77' }),
  })
  .openapi({ description: 'An entry that the appeal is about, as it was when it was opened' });

export const appealAnswerSchema = z
  .object({
    verdict: z.enum([...APPEAL_VERDICTS, 'lapsed', 'withdrawn_before']).openapi({
      description: 'lapsed = nothing was said in time; withdrawn_before = the entries had been taken off meanwhile',
      example: 'withdraw',
    }),
    reason: z.string().nullable().openapi({ description: 'In the words of whoever answered', example: 'repaid' }),
    correction: correctionSchema.nullable().openapi({ description: 'What was changed' }),
    at: instantSchema.openapi({ description: 'When' }),
  })
  .openapi({ description: 'What a contributor has answered' });

export function entryView({ id, list, scope, kind, reason, group }: AppealEntry): z.output<typeof appealEntrySchema> {
  return { id, list, scope, kind, reason, group };
}

export function answerView({ verdict, reason, correction, at }: AppealAnswer): z.output<typeof appealAnswerSchema> {
  if (correction === null) return { verdict, reason, correction, at };
  const { withdraw, ...changed } = correction;
  return { verdict, reason, correction: { ...changed, ...(withdraw ? { withdraw: [...withdraw] } : {}) }, at };
}
