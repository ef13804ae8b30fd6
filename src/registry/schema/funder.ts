import { z } from 'zod';
import { dateSchema, daysSchema, idSchema, partyStatusSchema } from './scalars.ts';
import { DEFAULT_PAYER, termsSchema } from './terms.ts';

const trustSchema = z.strictObject({
  funder: idSchema.describe('Funder whose whitelist counts here too'),
  basis: z.string().min(1).max(200).describe('Agreement that allows it'),
  until: dateSchema.optional().describe('Last day; absent = no end'),
});
export type Trust = z.output<typeof trustSchema>;

/** What a funder pays us: a partner's terms, with the roles turned. */
const funderTermsSchema = termsSchema
  .extend({
    payer: idSchema.default(DEFAULT_PAYER).describe('Who pays: the funder, by its own id'),
    payee: idSchema.default(DEFAULT_PAYER).describe('Who is paid: a legal entity of operator.yaml'),
  })
  .describe('One version of a contract with a funder');

/** funding/<id>/funder.yaml: whose money is lent. */
export const funderSchema = z.strictObject({
  id: idSchema.describe('Equal to the folder name'),
  name: z.string().min(1).max(100).describe('Shown to partners'),
  status: partyStatusSchema.default('active'),
  trusts: z.array(trustSchema).default([]).describe('Funders whose whitelist counts here too'),
  lists: z
    .strictObject({
      auto_overdue_days: daysSchema
        .min(1)
        .nullable()
        .default(null)
        .describe('Days overdue from which a borrower is blocked at this funder by itself; null = never'),
    })
    .prefault({})
    .describe('Lists of this funder'),
  terms: z.array(funderTermsSchema).default([]).describe('What this funder pays us; same shape as a partner’s'),
});
export type Funder = z.output<typeof funderSchema>;
