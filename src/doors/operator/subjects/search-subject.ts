import { createRoute, z } from '@hono/zod-openapi';
import { isoOf } from '../../../base/clock.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type SubjectSummary, searchSubject } from '../../../privacy/search-subject.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { applicationIdSchema, matchedSchema, subjectFields, wantedOf } from './subject-request.ts';

const text = (description: string, example: string) => z.string().openapi({ description, example });
const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });
const instantOrNull = (description: string) => instantSchema.nullable().openapi({ description });

const applicationSchema = z
  .object({
    id: applicationIdSchema,
    matched: matchedSchema,
    partner_id: textOrNull('Partner that may see it', 'acme'),
    partner_ref: textOrNull('The partner’s reference', 'ORDER-1'),
    lender_id: text('Lender', 'quickcredit'),
    lender_ref: textOrNull('The lender’s reference', 'A-1'),
    product_id: text('Product', 'quick-cash'),
    status: text('Status', 'credit_granted'),
    customer: z.enum(['new', 'returning']).openapi({ description: 'What the person was then', example: 'new' }),
    loans: z.int().openapi({ description: 'Number of its loans', example: 1 }),
    created_at: instantSchema.openapi({ description: 'When it came' }),
    accepted_at: instantOrNull('When it was accepted; null = it was not'),
    updated_at: instantSchema.openapi({ description: 'Its last change' }),
    sealed: z.boolean().openapi({ description: 'Whether its personal data is still there', example: true }),
    needed_for: z
      .enum(['being_decided', 'credit_open', 'loan_open', 'debt_owed'])
      .nullable()
      .openapi({ description: 'Why it would not be erased on request; null = it would', example: 'loan_open' }),
    erase_at: instantOrNull('When it is erased by itself unless something happens; null = not while it is needed'),
    erased_at: instantOrNull('When it was erased; null = it was not'),
  })
  .openapi('SubjectApplication', { description: 'An application of a person, without the person' });

const answerSchema = z
  .object({
    applications: z.array(applicationSchema).openapi({ description: 'Newest first, at most 200' }),
    applications_total: z.int().openapi({ description: 'How many there are', example: 1 }),
    registrations: z
      .array(
        z.object({
          id: text('Registration', 'reg_1f8ac10f23c5b5bc1167bda84b833e5c'),
          matched: matchedSchema,
          lender_id: text('Lender', 'quickcredit'),
          lender_ref: text('The lender’s reference', 'R-1'),
          product_id: textOrNull('Product', 'quick-cash'),
          partner_id: textOrNull('Partner who brought the person', 'acme'),
          registered_at: instantSchema.openapi({ description: 'When' }),
        }),
      )
      .openapi({ description: 'Registrations at lenders, newest first' }),
    claims: z
      .array(
        z.object({
          lender_id: text('Lender', 'quickcredit'),
          application_id: applicationIdSchema,
          partner_id: textOrNull('Partner that holds it; null = the lender itself', 'acme'),
          live: z.boolean().openapi({ description: 'Whether it keeps others out now', example: true }),
          until: instantOrNull('Until when at least; longer while application, credit or loans are open'),
        }),
      )
      .openapi({ description: 'Claims (锁客) at lenders' }),
    reservations: z
      .array(
        z.object({
          lender_id: text('Lender', 'quickcredit'),
          partner_id: text('Partner that reserved', 'acme'),
          precheck_id: text('Its precheck', 'pre_1f8ac10f23c5b5bc1167bda84b833e5c'),
          until: instantSchema.openapi({ description: 'Until when' }),
        }),
      )
      .openapi({ description: 'Reservations by prechecks' }),
    touches: z.int().openapi({ description: 'Clicks and hand-offs that are known to be the person’s', example: 1 }),
  })
  .openapi('SubjectSummary', { description: 'What is held about a person, never the data itself' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/subjects/search',
  operationId: 'searchSubject',
  tags: ['Applicants'],
  summary: 'What do we hold about a person?',
  description:
    'Whatever any of the given identifiers leads to, each with those that do: in plain, as md5, sha256, sm3, or as phone_id. ' +
    'It shows no personal data. Audited as subject.searched. Roles: admin, risk, support.',
  request: { body: jsonBody(z.strictObject(subjectFields), 'Whom, and why') },
  responses: {
    200: { description: 'What is held', content: { 'application/json': { schema: answerSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

/** `POST /admin/v1/subjects/search`. */
export function registerSearchSubject(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'subjects' | 'audit' | 'logger'>,
): void {
  door.openapi(route, async (c) => {
    const body = c.req.valid('json');
    const wanted = wantedOf(body, deps.subjects.tokenizer);
    const what = {
      action: 'subject.searched',
      object: { kind: 'person', id: wanted.token },
      reason: body.reason,
      after: ({ applicationsTotal, registrations }: SubjectSummary) => ({
        applications: applicationsTotal,
        registrations: registrations.length,
      }),
    };
    const found = await audited(c, deps, what, () => searchSubject(deps.subjects, wanted));
    return c.json(summaryView(found), 200);
  });
}

function summaryView(found: SubjectSummary): z.output<typeof answerSchema> {
  return {
    applications: found.applications.map(({ application, matched, isSealed, use, eraseAtMs }) => ({
      id: application.id,
      matched: [...matched],
      partner_id: application.owner_id,
      partner_ref: application.partner_ref,
      lender_id: application.lender_id,
      lender_ref: application.lender_ref,
      product_id: application.product_id,
      status: application.status,
      customer: application.customer,
      loans: application.loans.length,
      created_at: application.created_at,
      accepted_at: application.accepted_at,
      updated_at: application.updated_at,
      sealed: isSealed,
      needed_for: use.state === 'in_use' ? use.why : null,
      erase_at: eraseAtMs === null ? null : isoOf(eraseAtMs),
      erased_at: application.erased_at ?? null,
    })),
    applications_total: found.applicationsTotal,
    registrations: found.registrations.map(({ registration, matched }) => ({
      id: registration.id,
      matched: [...matched],
      lender_id: registration.lender_id,
      lender_ref: registration.lender_ref,
      product_id: registration.product_id,
      partner_id: registration.attribution.partner_id,
      registered_at: registration.registered_at,
    })),
    claims: found.claims.map(({ lenderId, application, isLive }) => ({
      lender_id: lenderId,
      application_id: application.id,
      partner_id: application.owner_id,
      live: isLive,
      until: application.lock_until,
    })),
    reservations: found.reservations.map(({ lenderId, partnerId, precheckId, untilMs }) => ({
      lender_id: lenderId,
      partner_id: partnerId,
      precheck_id: precheckId,
      until: isoOf(untilMs),
    })),
    touches: found.touches,
  };
}
