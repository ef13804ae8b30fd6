import { z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX, looksLikeIdentity } from '../../../audit/audit-view.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { OPERATOR_NAME, OPERATOR_ROLES, type OperatorAccount, statusOfOperator } from '../../../operators/operator.ts';

export const operatorNameSchema = z
  .string()
  .regex(OPERATOR_NAME, 'must be 2 to 32 lower-case letters, digits, dots, dashes, underscores, a letter first')
  .refine((name) => !looksLikeIdentity(name), 'must not look like a phone, an identity number or a card')
  .openapi({ description: 'Name, given once and never again', example: 'li.na' });

export const operatorRoleSchema = z
  .enum(OPERATOR_ROLES)
  .openapi({ description: 'What the operator may do; an admin everything', example: 'finance' });

export const expirySchema = instantSchema
  .nullable()
  .optional()
  .openapi({ description: 'From then on the token is refused; null = never', example: '2027-01-01T00:00:00.000Z' });

/** For operations whose reason is not optional. */
export const operatorReasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(AUDIT_REASON_MAX)
  .openapi({ description: 'Why, for the audit log', example: 'Left the company' });

const accountFields = {
  name: operatorNameSchema,
  role: operatorRoleSchema,
  status: z
    .enum(['active', 'expired', 'revoked'])
    .openapi({ description: 'Only an active operator’s token is taken', example: 'active' }),
  created_at: instantSchema.openapi({ description: 'When the account was made' }),
  created_by: z.string().openapi({ description: 'By whom; `bootstrap` has SLUICE_ADMIN_TOKEN', example: 'bootstrap' }),
  expires_at: instantSchema.nullable().openapi({ description: 'From then on its token is refused; null = never' }),
  token_issued_at: instantSchema.openapi({ description: 'When it got its token' }),
  revoked_at: instantSchema.nullable().openapi({ description: 'When it was revoked' }),
  revoked_by: z.string().nullable().openapi({ description: 'By whom', example: null }),
};

export const operatorSchema = z.object(accountFields).openapi('Operator', { description: 'An operator account' });

export const operatorWithTokenSchema = z
  .object({
    ...accountFields,
    token: z.string().openapi({
      description: 'The token, shown this once: we keep only its SHA-256',
      example: 'slo_3q2-7wABc0Fv1X9n0pYk5mRt8sUeHgJdLzQxWvBnM4o',
    }),
  })
  .openapi('OperatorWithToken', { description: 'An operator account and its new token' });

/** The account without what only the gateway needs. */
export function operatorView(account: OperatorAccount, now: string): z.output<typeof operatorSchema> {
  const { name, role, created_at, created_by, expires_at, token_issued_at, revoked_at, revoked_by } = account;
  const status = statusOfOperator(account, now);
  return { name, role, status, created_at, created_by, expires_at, token_issued_at, revoked_at, revoked_by };
}
