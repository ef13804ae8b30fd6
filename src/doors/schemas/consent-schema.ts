import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../http/common-schemas.ts';
import { CONSENT_KINDS } from '../../registry/schema/field-catalogue.ts';
import { ipSchema, nameIdSchema, sha256Schema, textSchema, webUrlSchema } from './scalars.ts';

const PARTIES_MAX = 20;

const text = {
  kind: z.enum(CONSENT_KINDS).openapi({ description: 'What is consented to', example: 'credit_inquiry' }),
  document: textSchema(100).openapi({ description: 'Name of the document', example: 'credit-authorisation' }),
  version: textSchema(40).openapi({ description: 'Version of the document', example: '3' }),
  text_sha256: sha256Schema.openapi({ description: 'SHA-256 of the text as shown, lower-case hex' }),
};

/** A consent that the applicant gave, to a text and to named recipients. */
export const consentSchema = z
  .strictObject({
    ...text,
    parties: z
      .array(nameIdSchema)
      .min(1)
      .max(PARTIES_MAX)
      .openapi({
        description: 'Who was named as recipient: lender and funders, by id',
        example: ['quickcredit', 'harbour'],
      }),
    accepted_at: instantSchema.openapi({ description: 'When it was given', example: '2026-01-01T00:00:00.000Z' }),
    ip: ipSchema.optional(),
    user_agent: textSchema(512).optional().openapi({ description: 'User agent', example: 'Mozilla/5.0' }),
    evidence_url: webUrlSchema
      .optional()
      .openapi({ description: 'Evidence, https', example: 'https://acme.example/evidence/1' }),
  })
  .openapi('Consent', { description: 'A consent given by the applicant' });

/** When something is needed. */
export const stageSchema = z
  .enum(['apply', 'card', 'drawdown', 'repay'])
  .openapi({ description: 'When it is needed: to apply, bind a card, draw down, repay', example: 'apply' });

const agreementFields = {
  ...text,
  url: z
    .string()
    .nullable()
    .openapi({ description: 'Where the text can be read', example: 'https://quickcredit.example/agreements/3' }),
  stage: stageSchema,
  parties: z.array(z.string()).openapi({
    description: 'Who has to be named as recipient, by id: the lender, and the funders that may lend',
    example: ['quickcredit', 'harbour'],
  }),
  valid_days: z
    .int()
    .nullable()
    .openapi({ description: 'Days after its acceptance for which it counts; null = until withdrawn', example: null }),
  each_time: z
    .boolean()
    .openapi({ description: 'Of one loan: accepted anew with each drawdown, and sent with it', example: false }),
};

/** A text to show, and to send back as a consent. */
export const agreementSchema = z
  .object(agreementFields)
  .openapi('Agreement', { description: 'A text that the applicant has to agree to' });

/** The same, and whether the applicant of an application has agreed to it. */
export const applicationAgreementSchema = z
  .object({
    ...agreementFields,
    accepted_at: instantSchema
      .nullable()
      .openapi({ description: 'When it was accepted; null = it was not, or that does not count any longer' }),
    lapsed: z.enum(['stale', 'expired', 'withdrawn', 'party_missing']).nullable().openapi({
      description:
        'Why an acceptance that was given does not count: another version or text, too old, taken back, or made when not all of `parties` were named; null = none was given, or it counts',
      example: null,
    }),
  })
  .openapi('ApplicationAgreement', { description: 'A text to agree to, and whether it has been' });

/** A consent as it is shown afterwards: which text, when. */
export const shownConsentSchema = z
  .object({
    ...text,
    parties: z.array(z.string()).openapi({ description: 'Who was named as recipient', example: ['quickcredit'] }),
    accepted_at: instantSchema.openapi({ description: 'When it was given' }),
    withdrawn_at: instantSchema.nullable().openapi({ description: 'When it was taken back; null = it stands' }),
  })
  .openapi('ShownConsent', { description: 'A consent that was given' });
