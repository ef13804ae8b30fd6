import { z } from '@hono/zod-openapi';
import { dateSchema, instantSchema, moneySchema } from '../../http/common-schemas.ts';
import { ID_KINDS, normaliseIdNumber } from '../../identity/normalise-id-number.ts';
import { normaliseName } from '../../identity/normalise-name.ts';
import { EMPLOYMENT_STATUSES } from '../../registry/schema/field-catalogue.ts';
import { anyPhoneSchema, bankCardNumberSchema, mobilePhoneSchema, regionSchema, textSchema } from './scalars.ts';

const ADDRESS_MAX = 200;
/** Necessary information only: there is no address book. */
const CONTACTS_MAX = 3;

const addressSchema = textSchema(ADDRESS_MAX).openapi({ description: 'Street address', example: '建国路 88 号' });

const idCardSchema = z
  .strictObject({
    valid_from: dateSchema.optional().openapi({ description: 'First day of validity', example: '2016-05-01' }),
    valid_to: z
      .union([z.literal('long'), dateSchema], { error: 'must be a calendar day, or long' })
      .optional()
      .openapi({ description: 'Last day of validity, or `long` for a card without end', example: 'long' }),
    issuer: textSchema(100).optional().openapi({ description: 'Issuing authority', example: '北京市公安局朝阳分局' }),
    address: addressSchema
      .optional()
      .openapi({ description: 'Address on the card', example: '北京市朝阳区建国路 88 号' }),
    ethnicity: textSchema(32).optional().openapi({ description: 'Ethnicity on the card', example: '汉' }),
  })
  .openapi('IdCard', { description: 'What the identity card says' });

const residenceSchema = z
  .strictObject({
    region: regionSchema.optional().openapi({ description: 'Where the applicant lives, GB/T 2260', example: '110105' }),
    address: addressSchema.optional(),
  })
  .openapi('Residence', { description: 'Where the applicant lives' });

const employmentSchema = z
  .strictObject({
    status: z
      .enum(EMPLOYMENT_STATUSES)
      .optional()
      .openapi({ description: 'How the applicant earns a living', example: 'employed' }),
    employer: textSchema(200).optional().openapi({ description: 'Name of the employer', example: '某某科技有限公司' }),
    region: regionSchema.optional().openapi({ description: 'Where the work is, GB/T 2260', example: '110105' }),
    address: addressSchema.optional(),
    phone: anyPhoneSchema.optional().openapi({ description: 'Phone of the employer', example: '010-66554433' }),
    since: dateSchema.optional().openapi({ description: 'First day there', example: '2020-07-01' }),
  })
  .openapi('Employment', { description: 'Occupation' });

const incomeSchema = z
  .strictObject({
    monthly: moneySchema.optional().openapi({ description: 'Income a month' }),
    paid_by: z.enum(['bank', 'cash', 'mixed']).optional().openapi({ description: 'How it is paid', example: 'bank' }),
  })
  .openapi('Income', { description: 'Income' });

const owned = z.enum(['none', 'mortgaged', 'owned']);

const assetsSchema = z
  .strictObject({
    housing: owned.optional().openapi({ description: 'Home', example: 'mortgaged' }),
    car: owned.optional().openapi({ description: 'Car', example: 'none' }),
    provident_fund: z.boolean().optional().openapi({ description: 'Pays into the provident fund', example: true }),
    social_insurance: z.boolean().optional().openapi({ description: 'Pays social insurance', example: true }),
    credit_card: z.boolean().optional().openapi({ description: 'Holds a credit card', example: false }),
  })
  .openapi('Assets', { description: 'Assets' });

const contactSchema = z
  .strictObject({
    relation: z
      .enum(['spouse', 'parent', 'child', 'sibling', 'relative', 'friend', 'colleague'])
      .openapi({ description: 'Who this is to the applicant', example: 'spouse' }),
    name: textSchema(64).openapi({ description: 'Name', example: '李四' }),
    phone: anyPhoneSchema,
  })
  .openapi('Contact', { description: 'A person who may be called' });

export const bankCardSchema = z
  .strictObject({
    number: bankCardNumberSchema,
    bank_code: z
      .string()
      .regex(/^[A-Z0-9]{2,12}$/, 'must be 2–12 capital letters or digits')
      .optional()
      .openapi({ description: 'Code of the bank', example: 'ICBC' }),
    phone: mobilePhoneSchema
      .optional()
      .openapi({ description: 'Phone number reserved at the bank', example: '13800138000' }),
  })
  .openapi('BankCard', { description: 'A bank card for payout and debit' });

const common = {
  phone_verified_at: instantSchema
    .optional()
    .openapi({ description: 'When you verified the phone', example: '2026-01-01T00:00:00.000Z' }),
  email: z.email().max(254).optional().openapi({ description: 'E-mail address', example: 'zhang@example.com' }),
  id_card: idCardSchema.optional(),
  education: z
    .enum(['junior', 'secondary', 'high_school', 'college', 'bachelor', 'master', 'doctor'])
    .optional()
    .openapi({ description: 'Highest education', example: 'bachelor' }),
  marital_status: z
    .enum(['single', 'married', 'divorced', 'widowed', 'other'])
    .optional()
    .openapi({ description: 'Marital status', example: 'single' }),
  residence: residenceSchema.optional(),
  employment: employmentSchema.optional(),
  income: incomeSchema.optional(),
  assets: assetsSchema.optional(),
  contacts: z
    .array(contactSchema)
    .max(CONTACTS_MAX)
    .optional()
    .openapi({ description: `At most ${CONTACTS_MAX} persons` }),
  bank_card: bankCardSchema.optional(),
};

/** The applicant of an application: the field catalogue, identity in plain. Which fields must be there, the product says. */
export const applicantSchema = z
  .strictObject({
    name: z.string().max(128).optional().openapi({ description: 'Name as on the identity document', example: '张三' }),
    id_number: z
      .string()
      .max(40)
      .optional()
      .openapi({ description: 'Identity document number', example: '11010519491231002X' }),
    id_kind: z
      .enum(ID_KINDS)
      .optional()
      .openapi({ description: 'Kind of identity document; `cn_resident` when absent', example: 'cn_resident' }),
    phone: z.string().max(32).optional().openapi({ description: 'Mobile phone number', example: '13800138000' }),
    ...common,
  })
  .openapi('Applicant', { description: 'The applicant; the product lists which fields it requires' });

/**
 * Some fields of the applicant, of an application that is there already: supplements and answers to an action. Nothing is
 * required of it here; what is there is checked, identity too. A field replaces what was known, a part of a field that part.
 */
export const partialApplicantSchema = z
  .strictObject({
    name: z
      .string()
      .max(128)
      .superRefine((text, context) => refuseUnread(normaliseName(text), context))
      .optional()
      .openapi({ description: 'Name as on the identity document', example: '张三' }),
    id_number: z
      .string()
      .max(40)
      .optional()
      .openapi({ description: 'Identity document number', example: '11010519491231002X' }),
    id_kind: z
      .enum(ID_KINDS)
      .optional()
      .openapi({ description: 'Kind of identity document; `cn_resident` when absent', example: 'cn_resident' }),
    phone: mobilePhoneSchema.optional(),
    ...common,
  })
  .superRefine(({ id_number: idNumber, id_kind: idKind }, context) => {
    if (idNumber !== undefined) refuseUnread(normaliseIdNumber(idNumber, idKind), context, ['id_number']);
  })
  .openapi('ApplicantPart', { description: 'Fields of the applicant that are added or corrected' });

export type PartialApplicant = z.output<typeof partialApplicantSchema>;

type Read = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };

function refuseUnread(read: Read, context: z.RefinementCtx, path: string[] = []): void {
  if (!read.ok) context.addIssue({ code: 'custom', message: read.message, path, params: { code: read.code } });
}

/** What is stated of somebody who is only asked about: the catalogue without identity, which stands in `subject`. */
export const profileSchema = z
  .strictObject(common)
  .openapi('Profile', { description: 'What you know of the person beside identity; each field sharpens the answer' });
