import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../../http/common-schemas.ts';
import { APPEAL_STATUSES, type Appeal } from '../../../screening/appeals/appeal.ts';
import { contributorsOf } from '../../../screening/appeals/appeal-rules.ts';
import {
  answerView,
  appealAnswerSchema,
  appealEntrySchema,
  appealIdSchema,
  applicationIdOrNull,
  claimSchema,
  entryView,
  instantOrNull,
} from '../../appeals/appeal-schema.ts';

export const appealStatusSchema = z.enum(APPEAL_STATUSES).openapi({
  description: 'open = contributors have time; escalated = it is over and somebody has not answered; decided = the end',
  example: 'open',
});

const contributorSchema = z.string().openapi({
  description: 'lender:<id>, partner:<id>, operator, or gateway for automatic entries',
  example: 'lender:quickcredit',
});

export const operatorAppealSchema = z
  .object({
    id: appealIdSchema,
    status: appealStatusSchema,
    claim: claimSchema,
    opener: z.string().openapi({ description: 'Who took it in: operator, or lender:<id>', example: 'operator' }),
    opened_by: z.string().openapi({ description: 'The operator’s name, or the lender', example: 'mei' }),
    application_id: applicationIdOrNull,
    entries: z
      .array(appealEntrySchema.extend({ contributor: contributorSchema }))
      .openapi({ description: 'Entries that it is about, with their groups' }),
    answers: z
      .array(
        z.object({
          contributor: contributorSchema,
          answer: appealAnswerSchema.nullable().openapi({ description: 'What was answered; null = nothing yet' }),
          by: z
            .string()
            .nullable()
            .openapi({ description: 'Who answered: the contributor, or an operator', example: 'lender:quickcredit' }),
        }),
      )
      .openapi({ description: 'Everybody who has to answer' }),
    opened_at: instantSchema.openapi({ description: 'When it was opened' }),
    due_by: instantSchema.openapi({ description: 'Until when contributors have to answer' }),
    lapses_at: instantSchema.openapi({ description: 'When unanswered entries are withdrawn' }),
    escalated_at: instantOrNull('When it was escalated'),
    decided_at: instantOrNull('When it was decided'),
    outcome: z.enum(['cleared', 'corrected', 'upheld', 'no_entries']).nullable().openapi({
      description: 'cleared = all entries are gone; corrected = some are, or say something else; upheld = none',
      example: null,
    }),
    told: z.int().nullable().openapi({
      description: 'Refused applications whose partner was told that the person may come again',
      example: null,
    }),
  })
  .openapi('Appeal', { description: 'An objection to being on a list' });

export function operatorAppeal(appeal: Appeal): z.output<typeof operatorAppealSchema> {
  return {
    id: appeal.id,
    status: appeal.status,
    claim: appeal.claim,
    opener: appeal.opener,
    opened_by: appeal.opened_by,
    application_id: appeal.application_id,
    entries: appeal.entries.map((entry) => ({ ...entryView(entry), contributor: entry.contributor })),
    answers: contributorsOf(appeal).map((contributor) => {
      const answer = appeal.answers[contributor];
      return { contributor, answer: answer === undefined ? null : answerView(answer), by: answer?.by ?? null };
    }),
    opened_at: appeal.opened_at,
    due_by: appeal.due_by,
    lapses_at: appeal.lapses_at,
    escalated_at: appeal.escalated_at,
    decided_at: appeal.decided_at,
    outcome: appeal.outcome,
    told: appeal.told,
  };
}
