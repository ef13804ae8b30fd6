import { z } from 'zod';
import { envNameSchema, positiveCountSchema, urlSchema } from './scalars.ts';

const limitsSchema = z.strictObject({
  phone_per_hour: positiveCountSchema.default(5).describe('To one number in an hour'),
  phone_per_day: positiveCountSchema.default(10).describe('To one number in a day'),
  address_per_hour: positiveCountSchema.default(60).describe('For one IP address (IPv6: /64) in an hour'),
  address_per_day: positiveCountSchema.default(300).describe('For one IP address in a day'),
  link_per_day: positiveCountSchema.default(10_000).describe('Through one link in a day'),
  partner_per_day: positiveCountSchema
    .default(20_000)
    .describe('For one partner in a day; from four fifths of it on an alarm tells operators'),
});

/** Who sends one-time codes to applicants’ phones. */
export const otpSchema = z
  .strictObject({
    url: urlSchema.describe('Gets one POST for each code; https, in sandbox loopback http too'),
    key_env: envNameSchema.optional().describe('Environment variable with the key that is sent as a bearer token'),
    sign_with: z
      .string()
      .min(1)
      .optional()
      .describe('Which of our keys signs the request (RFC 9421); an id that is none of them means the current one'),
    timeout_ms: z.int().min(200).max(10_000).default(3_000).describe('How long its answer is waited for, milliseconds'),
    ttl_seconds: z.int().min(60).max(900).default(300).describe('How long a code is good, seconds'),
    resend_seconds: z.int().min(30).max(600).default(60).describe('Between two codes to one number, seconds'),
    template: z
      .string()
      .min(1)
      .max(64)
      .default('apply')
      .describe('Which of the provider’s texts, sent along as it stands'),
    prefixes: z
      .array(z.string().regex(/^\+\d{1,6}$/, 'must be written "+86"'))
      .min(1)
      .default(['+86'])
      .describe('Numbers that codes are sent to begin with one of these'),
    limits: limitsSchema.prefault({}).describe('How many codes are sent'),
  })
  .refine(({ key_env, sign_with }) => key_env !== undefined || sign_with !== undefined, {
    error: 'needs key_env, sign_with or both: the provider has to know that it is us',
  });
export type OtpSettings = z.output<typeof otpSchema>;
