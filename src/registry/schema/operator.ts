import { z } from 'zod';
import { accountingSchema } from './accounting.ts';
import { otpSchema } from './otp.ts';
import { DEFAULT_TIMEZONE, idSchema, timezoneSchema } from './scalars.ts';
import { trafficQualitySchema } from './traffic-quality.ts';

const legalEntitySchema = z.strictObject({
  id: idSchema.describe('Named by payer in terms'),
  legal_name: z.string().min(1).max(200).describe('Registered name, printed on statements'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code such as CN')
    .describe('ISO 3166-1 alpha-2'),
  taxpayer: z.string().min(1).max(40).optional().describe('Taxpayer number (统一社会信用代码 in China)'),
  address: z.string().min(1).max(300).optional().describe('Registered address, printed on statements'),
});
export type LegalEntity = z.output<typeof legalEntitySchema>;

/** operator.yaml: who we are. */
export const operatorSchema = z.strictObject({
  legal_entities: z.array(legalEntitySchema).min(1).describe('Our companies; terms name the one that pays'),
  default_timezone: timezoneSchema.default(DEFAULT_TIMEZONE).describe('IANA zone of terms and products that name none'),
  otp: otpSchema
    .optional()
    .describe(
      'Who sends one-time codes; absent = nobody, and hosted pages take no applications (sandbox: the code is 000000)',
    ),
  accounting: accountingSchema
    .prefault({})
    .describe('How `sluice ledger journal` names accounts; absent = by the names of the ledger'),
  traffic_quality: trafficQualitySchema.prefault({}).describe('When clicks look like nobody’s; absent = the defaults'),
});
export type Operator = z.output<typeof operatorSchema>;
