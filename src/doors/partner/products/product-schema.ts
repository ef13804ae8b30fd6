import { z } from '@hono/zod-openapi';
import { currencySchema, instantSchema } from '../../../http/common-schemas.ts';
import { shownStopSchema } from '../../products/pause-schema.ts';
import { agreementSchema } from '../../schemas/consent-schema.ts';
import { productIdSchema, rateSchema, termUnitSchema } from '../../schemas/scalars.ts';

const named = (id: string, name: string) =>
  z.object({
    id: z.string().openapi({ description: 'Id', example: id }),
    name: z.string().openapi({ description: 'Name', example: name }),
  });

const minorUnits = (description: string, example: number) =>
  z.int().openapi({ description: `${description}, minor units of currency`, example });

const feeSchema = z.object({
  kind: z
    .enum(['service', 'guarantee', 'insurance', 'membership', 'other'])
    .openapi({ description: 'What the fee is for', example: 'service' }),
  payee: z
    .enum(['lender', 'funder', 'guarantor', 'insurer'])
    .openapi({ description: 'Who receives it', example: 'lender' }),
  percent: z.string().optional().openapi({ description: 'Per cent of the principal: "1.2" = 1.2 %', example: '1.2' }),
  fixed: minorUnits('Fixed amount', 5000).optional(),
  when: z
    .enum(['upfront', 'each'])
    .openapi({ description: 'Once at disbursal, or with each instalment', example: 'upfront' }),
});

const requirementsSchema = z.object({
  applicant: z
    .array(z.string())
    .openapi({ description: 'Fields of `applicant` that must be there', example: ['name', 'id_number', 'phone'] }),
  documents: z.array(z.string()).openapi({ description: 'Kinds of documents', example: ['id_front', 'id_back'] }),
  verifications: z.array(z.string()).openapi({
    description: 'Kinds of verifications; three_elements and four_elements may be left to us',
    example: ['liveness'],
  }),
  consents: z.array(agreementSchema).openapi({ description: 'Texts that must have been agreed to, at whatever stage' }),
  agreements: z
    .object({
      apply: z.array(agreementSchema).openapi({ description: 'With the application' }),
      card: z.array(agreementSchema).openapi({ description: 'When a card is bound' }),
      drawdown: z.array(agreementSchema).openapi({ description: 'With a drawdown' }),
      repay: z.array(agreementSchema).openapi({ description: 'With a repayment' }),
    })
    .openapi({ description: 'The same texts by the stage at which they are needed' }),
});

/** One loan on offer. */
export const productSchema = z
  .object({
    id: productIdSchema,
    name: z.string().openapi({ description: 'Name, in the language of Accept-Language', example: 'Quick Cash' }),
    lender: named('quickcredit', 'QuickCredit').openapi({ description: 'Whose product it is' }),
    funders: z
      .array(named('harbour', 'Harbour Bank'))
      .openapi({ description: 'Whose money may be lent; the first is the default' }),
    kind: z
      .enum(['instalment', 'revolving'])
      .openapi({ description: 'One loan, or a limit drawn on repeatedly', example: 'instalment' }),
    currency: currencySchema,
    amount: z
      .object({
        min: minorUnits('Smallest amount', 100000),
        max: minorUnits('Largest amount', 5000000),
        step: minorUnits('Amounts are min plus whole steps', 10000),
      })
      .openapi({ description: 'Amounts on offer' }),
    term: z
      .object({
        options: z.array(z.int()).openapi({ description: 'Terms, in unit', example: [3, 6, 12] }),
        unit: termUnitSchema,
      })
      .openapi({ description: 'Terms on offer' }),
    repayment: z
      .enum(['equal_instalments', 'equal_principal', 'interest_only', 'bullet'])
      .openapi({ description: '等额本息, 等额本金, 先息后本, 到期还本付息', example: 'equal_instalments' }),
    apr: z
      .object({ min: rateSchema, max: rateSchema })
      .nullable()
      .openapi({ description: 'Yearly cost with interest and every fee, over all terms; null = cannot be stated' }),
    fees: z.array(feeSchema).openapi({ description: 'What the borrower pays besides interest' }),
    regions_excluded: z.array(z.string()).openapi({ description: 'GB/T 2260; covers all below', example: ['54'] }),
    purposes: z
      .array(z.string())
      .openapi({ description: 'Purposes that are allowed; empty = any', example: ['consumption', 'education'] }),
    requirements: requirementsSchema.openapi({ description: 'What an application must carry' }),
    due_day: z
      .union([z.int(), z.literal('month_end')])
      .nullable()
      .openapi({
        description: 'Day of the month on which instalments fall due; null = that of the payout',
        example: null,
      }),
    hours: z
      .array(z.string())
      .openapi({ description: 'When applications are taken, in timezone; empty = always', example: ['09:00-22:00'] }),
    timezone: z.string().openapi({ description: 'IANA zone of hours and due dates', example: 'Asia/Shanghai' }),
    status: z.enum(['open', 'paused', 'closed']).openapi({
      description: 'Now: paused and closed take no applications. Opening hours do not change it',
      example: 'open',
    }),
    stops: z.array(shownStopSchema).openapi({ description: 'What is paused now; empty = nothing' }),
    cooling_off_days: z.int().openapi({ description: 'Days in which a loan may be returned at no cost', example: 3 }),
    updated_at: instantSchema.openapi({ description: 'When something of the above last changed' }),
  })
  .openapi('Product', { description: 'A loan on offer' });

export type ProductView = z.input<typeof productSchema>;

/** A product's id in a path. */
export const productPathSchema = z
  .string()
  .openapi({ description: 'Product id', example: 'quick-cash', param: { name: 'id', in: 'path' } });
