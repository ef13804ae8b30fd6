import { z } from '@hono/zod-openapi';
import { dateSchema, idSchema, instantSchema } from '../../http/common-schemas.ts';
import { DISPUTE_KINDS, DISPUTE_RESULTS, type Dispute, isOpen } from '../../revenue/settlement/dispute.ts';

const NOTE_MAX = 1_000;
const REF_MAX = 128;
const LINES_MAX = 1_000;
const EXAMPLE_HEX = '1f8ac10f23c5b5bc1167bda84b833e5c';

const lineWishSchema = z
  .strictObject({
    commission_id: idSchema('com')
      .optional()
      .openapi({ description: 'The line that it is about', example: `com_${EXAMPLE_HEX}` }),
    partner_ref: z
      .string()
      .min(1)
      .max(REF_MAX)
      .optional()
      .openapi({ description: 'Your reference of an application that is missing', example: 'ORDER-1' }),
    lender_ref: z
      .string()
      .min(1)
      .max(REF_MAX)
      .optional()
      .openapi({ description: 'The lender’s reference', example: 'Q-1' }),
    kind: z.enum(DISPUTE_KINDS).openapi({ description: 'What is held against it', example: 'amount' }),
    claimed: z
      .int()
      .optional()
      .openapi({ description: 'What it should be, minor units of the statement’s currency', example: 7500 }),
    note: z.string().min(1).max(NOTE_MAX).openapi({ description: 'In words', example: 'Principal was 500 000' }),
  })
  .refine((line) => (line.commission_id ?? line.partner_ref ?? line.lender_ref) !== undefined, {
    error: 'name the line by commission_id, partner_ref or lender_ref',
  });

/** What a partner holds against a statement. */
export const disputeRequestSchema = z
  .strictObject({
    revision: z.int().min(1).openapi({ description: 'Revision that it is about', example: 1 }),
    lines: z.array(lineWishSchema).min(1).max(LINES_MAX).openapi({ description: 'Line by line' }),
  })
  .openapi('DisputeRequest', { description: 'A dispute' });

const resolutionSchema = z
  .object({
    result: z.enum(DISPUTE_RESULTS).openapi({
      description: 'accepted: as claimed; adjusted: by another sum; rejected: not at all',
      example: 'accepted',
    }),
    amount: z.int().openapi({ description: 'What was booked, signed minor units', example: -12000 }),
    adjustment_id: idSchema('com').nullable().openapi({ description: 'The commission line that was booked' }),
    reason: z.string().openapi({ description: 'Why', example: 'Counted twice' }),
    at: instantSchema.openapi({ description: 'When' }),
  })
  .nullable()
  .openapi({ description: 'null = open' });

const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

/** A dispute as both sides read it. */
export const disputeSchema = z
  .object({
    id: idSchema('dsp'),
    statement_id: idSchema('stm'),
    contract: z.string().openapi({ description: 'Contract', example: 'main' }),
    period: dateSchema.openapi({ description: 'Period of the statement', example: '2026-01-01' }),
    revision: z.int().openapi({ description: 'Revision that it was about', example: 1 }),
    opened_at: instantSchema.openapi({ description: 'When it was opened' }),
    status: z.enum(['open', 'resolved']).openapi({ description: 'open until each line is resolved', example: 'open' }),
    lines: z
      .array(
        z.object({
          no: z.int().openapi({ description: 'Number of the line', example: 1 }),
          kind: z.enum(DISPUTE_KINDS).openapi({ description: 'What is held against it', example: 'amount' }),
          commission_id: textOrNull('The line that it is about', `com_${EXAMPLE_HEX}`),
          partner_ref: textOrNull('Your reference', 'ORDER-1'),
          lender_ref: textOrNull('The lender’s reference', 'Q-1'),
          claimed: z.int().nullable().openapi({ description: 'What it should be, minor units', example: 7500 }),
          note: z.string().openapi({ description: 'In words', example: 'Principal was 500 000' }),
          resolution: resolutionSchema,
        }),
      )
      .openapi({ description: 'Line by line' }),
  })
  .openapi('Dispute', { description: 'What a partner holds against a statement' });

/** A dispute on the wire; who of ours resolved a line is in the audit log. */
export function disputeView(dispute: Dispute) {
  const lines = dispute.lines.map(({ resolution, ...line }) => {
    if (resolution === null) return { ...line, resolution: null };
    const { by: _by, ...told } = resolution;
    return { ...line, resolution: told };
  });
  return { ...dispute, status: isOpen(dispute) ? ('open' as const) : ('resolved' as const), lines };
}
