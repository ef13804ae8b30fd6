import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../../http/common-schemas.ts';
import type { Appeal } from '../../../screening/appeals/appeal.ts';
import { entriesOf } from '../../../screening/appeals/appeal-rules.ts';
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

export const lenderAppealSchema = z
  .object({
    id: appealIdSchema,
    status: z.enum(['open', 'escalated', 'answered', 'decided']).openapi({
      description: 'answered = you have said what you have to say; what others say is not told',
      example: 'open',
    }),
    claim: claimSchema,
    opened_by_you: z.boolean().openapi({ description: 'Whether you took it in', example: false }),
    application_id: applicationIdOrNull,
    entries: z
      .array(appealEntrySchema)
      .openapi({ description: 'Your own entries that it is about; none when it is about those of others' }),
    answer: appealAnswerSchema.nullable().openapi({ description: 'What you have answered; null = nothing yet' }),
    opened_at: instantSchema.openapi({ description: 'When it was opened' }),
    due_by: instantSchema.openapi({ description: 'Until when it is to be answered' }),
    decided_at: instantOrNull('When it was decided, of one that you took in'),
    outcome: z
      .enum(['cleared', 'corrected', 'upheld', 'no_entries'])
      .nullable()
      .openapi({ description: 'How it ended, of one that you took in', example: null }),
  })
  .openapi('LenderAppeal', { description: 'An objection to being on a list, as one lender sees it' });

/** Whether a lender may see an appeal at all. */
export function concerns(appeal: Appeal, lenderId: string): boolean {
  return appeal.opener === `lender:${lenderId}` || entriesOf(appeal, `lender:${lenderId}`).length > 0;
}

/** An appeal as a lender sees it: its own entries and answer, the course of what it took in, and nothing of anybody else. */
export function lenderAppeal(appeal: Appeal, lenderId: string): z.output<typeof lenderAppealSchema> {
  const self = `lender:${lenderId}` as const;
  const isOpener = appeal.opener === self;
  const answer = appeal.answers[self];
  const ownStatus = answer === undefined ? appeal.status : 'answered';
  return {
    id: appeal.id,
    status: isOpener ? appeal.status : ownStatus,
    claim: appeal.claim,
    opened_by_you: isOpener,
    application_id: isOpener ? appeal.application_id : null,
    entries: entriesOf(appeal, self).map(entryView),
    answer: answer === undefined ? null : answerView(answer),
    opened_at: appeal.opened_at,
    due_by: appeal.due_by,
    decided_at: isOpener ? appeal.decided_at : null,
    outcome: isOpener ? appeal.outcome : null,
  };
}
