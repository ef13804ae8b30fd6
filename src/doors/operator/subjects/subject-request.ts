import { z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX } from '../../../audit/audit-view.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { Tokenizer } from '../../../identity/token.ts';
import { readWantedSubject, showsIdentity, type WantedSubject } from '../../../privacy/wanted-subject.ts';
import { subjectSchema } from '../../schemas/subject-schema.ts';

/** What every operation on a person is asked with. */
export const subjectFields = {
  subject: subjectSchema,
  reason: z
    .string()
    .trim()
    .min(1, 'must say why')
    .max(AUDIT_REASON_MAX)
    .openapi({
      description: `Why, for the audit log: at most ${AUDIT_REASON_MAX} characters, without the person’s identity`,
      example: 'access request of 2026-03-02, ticket 4711',
    }),
};

/**
 * Reads whom an operator asks for.
 * @throws ProblemError 422 for identifiers that cannot be read or looked up, and for a reason that shows one
 */
export function wantedOf(
  { subject, reason }: { readonly subject: z.output<typeof subjectSchema>; readonly reason: string },
  tokenizer: Tokenizer,
): WantedSubject {
  const read = readWantedSubject(subject, tokenizer);
  if (!read.ok) {
    const errors = read.faults.map((fault) => ({ ...fault, pointer: `/subject${fault.pointer}` }));
    throw new ProblemError('validation_failed', `${errors[0]?.pointer}: ${errors[0]?.message}`, { errors });
  }
  if (showsIdentity(reason, subject)) {
    const message = 'must not show the identity: it is kept in the audit log';
    throw new ProblemError('validation_failed', `/reason: ${message}`, {
      errors: [{ pointer: '/reason', code: 'not_allowed', message }],
    });
  }
  return read.wanted;
}

const EXAMPLE_HEX = '1f8ac10f23c5b5bc1167bda84b833e5c';

export const matchedSchema = z
  .array(z.enum(['id_number', 'phone', 'phone_id']))
  .openapi({ description: 'Identifiers of the request that lead to it', example: ['id_number', 'phone'] });

export const applicationIdSchema = z.string().openapi({ description: 'Application', example: `app_${EXAMPLE_HEX}` });
