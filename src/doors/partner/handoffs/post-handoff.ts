import { createRoute, z } from '@hono/zod-openapi';
import { HANDOFF_DESTINATIONS } from '../../../attribution/handoffs/handoff.ts';
import { idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { limitedBy } from '../../../http/rate-limit-fields.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { type MadeHandoff, makeHandoff } from '../../../intake/make-handoff.ts';
import { productIdSchema } from '../../schemas/scalars.ts';
import { subjectSchema } from '../../schemas/subject-schema.ts';
import { inputProblem } from '../input-problem.ts';
import { pausedProblem } from '../loans/paused-problem.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const TTL_MAX_SECONDS = 600;
const TTL_DEFAULT_SECONDS = 300;

const requestSchema = z.strictObject({
  product_id: productIdSchema,
  destination: z.enum(HANDOFF_DESTINATIONS).openapi({
    description: 'To the lender’s application, or its pages about a credit, a drawdown, a repayment',
    example: 'repay',
  }),
  application_id: idSchema('app').nullish().openapi({ description: 'Required for credit; one of yours' }),
  loan_id: idSchema('loan').nullish().openapi({ description: 'Required to repay; a loan of one of your applications' }),
  partner_user_ref: z
    .string()
    .min(1)
    .max(64)
    .nullish()
    .openapi({ description: 'Your own name for the person', example: 'U1' }),
  subject: subjectSchema.nullish().openapi({
    description: 'Who is handed over: what is in plain, the lender is told so that its page is filled in',
  }),
  phone_verified_at: instantSchema.nullish().openapi({
    description:
      'When you verified the phone, if you did: of a subject.phone in plain. Where your profile says that your word counts, our own form sends it no code for a day',
  }),
  return_url: z.string().max(2048).openapi({
    description: 'Where the applicant comes back to: below one of your return_urls',
    example: 'https://acme.example/back',
  }),
  ttl_seconds: z
    .int()
    .min(30)
    .max(TTL_MAX_SECONDS)
    .default(TTL_DEFAULT_SECONDS)
    .openapi({ description: 'How long the address is good, seconds', example: 300 }),
});

const handoffSchema = z
  .object({
    id: idSchema('hnd'),
    url: z.string().openapi({
      description: 'Open it in the applicant’s browser: it works once',
      example: 'https://api.example/h/…',
    }),
    expires_at: z.string().openapi({ description: 'Until when it can be opened', example: '2026-03-02T04:10:06.000Z' }),
  })
  .openapi('Handoff', { description: 'A one-use address that takes an applicant to the lender’s own pages' });

const route = createRoute({
  method: 'post',
  path: '/v1/handoffs',
  operationId: 'createHandoff',
  tags: ['Hand-offs'],
  summary: 'Hand an applicant over to the lender’s own pages',
  description:
    'The address works once: bots and browsers that fetch ahead are answered without spending it; afterwards it is 410. To `apply` for a product with `apply_at: hosted` it leads to our own form, filled in with what you give in plain. On the way back the applicant arrives at your return_url with `handoff`, where there is an application of yours `application_id` and `status`, `ts` and `sig`: hex HMAC-SHA256 with your callback secret over `ts`, a dot, and the address with an empty `sig`. A hand-off that was opened is a touch and may earn attribution.',
  request: { body: jsonBody(requestSchema, 'Who, and where to') },
  responses: {
    201: { description: 'The hand-off', content: { 'application/json': { schema: handoffSchema } } },
    ...problemResponses(...signedProblems, ...bodyProblems, 'unknown_product', 'product_paused', 'forbidden'),
  },
});

/** `POST /v1/handoffs`. */
export function registerPostHandoff(door: PartnerDoor, deps: Pick<PartnerDeps, 'handoffs' | 'publicUrl'>): void {
  door.openapi(route, async (c) => {
    const made = await makeHandoff(deps.handoffs, partyOf(c), c.req.valid('json'));
    if (!made.ok) throw handoffProblem(made, partyOf(c).limits.handoffs_per_day, deps.handoffs.clock.nowMs());
    const { id, expires_at } = made.handoff;
    addLogFields(c, { handoff_id: id });
    return c.json({ id, url: `${deps.publicUrl}/h/${made.token}`, expires_at }, 201);
  });
}

function handoffProblem(
  made: Extract<MadeHandoff, { readonly ok: false }>,
  budget: number,
  nowMs: number,
): ProblemError {
  if ('faults' in made) return inputProblem(made.faults);
  if ('overBudget' in made) return limitedBy('handoffs', `more than ${budget} hand-offs today`, made.resetInSeconds);
  if (made.closed === 'suspended')
    return new ProblemError('forbidden', 'nobody new is taken from you, or for this product');
  return pausedProblem(made.retryAtMs, nowMs, 'the product takes no applications');
}
