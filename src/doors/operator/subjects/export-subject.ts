import { createRoute, z } from '@hono/zod-openapi';
import { isoOf } from '../../../base/clock.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { type ExportedApplication, type ExportedSubject, exportSubject } from '../../../privacy/export-subject.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { audited } from '../audited.ts';
import { operatorApplication, operatorApplicationSchema } from '../operator-application.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { subjectFields, wantedOf } from './subject-request.ts';

const text = (description: string, example: string) => z.string().openapi({ description, example });
const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

const exportedApplicationSchema = z
  .object({
    application: operatorApplicationSchema,
    actions: z
      .array(z.looseObject({}))
      .openapi({ description: 'What the applicant was asked to do, and has done', example: [] }),
    cards: z
      .array(z.looseObject({}))
      .openapi({ description: 'Bank cards that were bound, by their last four digits', example: [] }),
    verifications: z
      .array(z.looseObject({}))
      .openapi({ description: 'Checks of the person, whoever made them', example: [] }),
    personal: z
      .looseObject({})
      .nullable()
      .openapi({ description: 'applicant, device, documents, verifications, consents, opened; null = erased' }),
    unreadable: textOrNull('Why there is personal data that cannot be opened', 'key_unknown'),
    others: z
      .record(z.string(), z.array(z.unknown()))
      .openapi({ description: 'What other places hold, by their name', example: { documents: [] } }),
    passed_to: z
      .array(
        z.object({
          party: z.enum(['lender', 'partner']).openapi({ description: 'Kind of party', example: 'lender' }),
          id: text('Its id', 'quickcredit'),
          at: instantSchema.openapi({ description: 'When' }),
          what: z
            .enum(['personal_data', 'status'])
            .openapi({ description: 'What it was given', example: 'personal_data' }),
        }),
      )
      .openapi({ description: 'To whom it was passed' }),
    history: z
      .array(
        z.object({
          type: text('What happened', 'credit.granted'),
          occurred_at: instantSchema.openapi({ description: 'When' }),
          recorded_at: instantSchema.openapi({ description: 'When we heard' }),
        }),
      )
      .openapi({ description: 'Everything that happened, in order' }),
  })
  .openapi('ExportedApplication', { description: 'An application with the person' });

const answerSchema = z
  .object({
    exported_at: instantSchema.openapi({ description: 'As of when' }),
    applications: z.array(exportedApplicationSchema).openapi({ description: 'Newest first, at most 500' }),
    applications_left: z.int().openapi({ description: 'Further ones, which are not in here', example: 0 }),
    registrations: z
      .array(
        z.object({
          id: text('Registration', 'reg_1f8ac10f23c5b5bc1167bda84b833e5c'),
          lender_id: text('Lender', 'quickcredit'),
          lender_ref: text('The lender’s reference', 'R-1'),
          product_id: textOrNull('Product', 'quick-cash'),
          partner_id: textOrNull('Partner who brought the person', 'acme'),
          registered_at: instantSchema.openapi({ description: 'When' }),
        }),
      )
      .openapi({ description: 'Registrations at lenders' }),
    claims: z
      .array(
        z.object({
          lender_id: text('Lender', 'quickcredit'),
          application_id: text('Application', 'app_1f8ac10f23c5b5bc1167bda84b833e5c'),
          until: instantSchema.nullable().openapi({ description: 'Until when at least' }),
        }),
      )
      .openapi({ description: 'Claims (锁客) at lenders' }),
    reservations: z
      .array(
        z.object({
          lender_id: text('Lender', 'quickcredit'),
          partner_id: text('Partner that reserved', 'acme'),
          until: instantSchema.openapi({ description: 'Until when' }),
        }),
      )
      .openapi({ description: 'Reservations by prechecks' }),
    touches: z
      .array(
        z.object({
          kind: z.enum(['click', 'handoff']).openapi({ description: 'Kind of contact', example: 'click' }),
          id: text('Its id', 'clk_1f8ac10f23c5b5bc1167bda84b833e5c'),
          partner_id: text('Partner whose link it was', 'acme'),
          link_code: textOrNull('The link', 'acme-home'),
          at: instantSchema.openapi({ description: 'When' }),
          product_id: textOrNull('Product of a hand-off', 'quick-cash'),
          partner_user_ref: textOrNull('The partner’s own name for the person, of a hand-off', 'U1'),
          sub_ids: z
            .record(z.string(), z.string())
            .openapi({ description: 'What the partner noted on the link', example: { sub1: 'spring' } }),
        }),
      )
      .openapi({ description: 'Clicks and hand-offs that are known to be the person’s' }),
  })
  .openapi('SubjectExport', { description: 'Everything that is held about a person, opened' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/subjects/export',
  operationId: 'exportSubject',
  tags: ['Applicants'],
  summary: 'Everything that we hold about a person',
  description:
    'For the right of access (PIPL art. 45), as one document, opened. Only what all given identifiers lead to: a number that ' +
    'somebody else had before shows nobody else’s data, provided the id number is given too. Every opened record is a line ' +
    'in the access log. Audited as subject.exported. Roles: admin, risk.',
  request: { body: jsonBody(z.strictObject(subjectFields), 'Whom, and why') },
  responses: {
    200: viewAnswer(answerSchema, 'The document'),
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

/** `POST /admin/v1/subjects/export`. */
export function registerExportSubject(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'subjects' | 'audit' | 'logger'>,
): void {
  door.openapi(route, async (c) => {
    const body = c.req.valid('json');
    const { subjects } = deps;
    const wanted = wantedOf(body, subjects.tokenizer);
    const what = {
      action: 'subject.exported',
      object: { kind: 'person', id: wanted.token },
      reason: body.reason,
      after: ({ applications }: ExportedSubject) => ({
        applications: applications.length,
        opened: applications.filter(({ personal }) => personal !== null).length,
      }),
    };
    const exported = await audited(c, deps, what, () => exportSubject(subjects, wanted, partyOf(c).name));
    return c.json(exportView(exported, subjects.clock.nowMs()), 200);
  });
}

function exportView(exported: ExportedSubject, nowMs: number) {
  return {
    exported_at: isoOf(nowMs),
    applications: exported.applications.map(applicationView),
    applications_left: exported.left,
    registrations: exported.registrations.map((one) => ({
      id: one.id,
      lender_id: one.lender_id,
      lender_ref: one.lender_ref,
      product_id: one.product_id,
      partner_id: one.attribution.partner_id,
      registered_at: one.registered_at,
    })),
    claims: exported.claims.map(({ lenderId, application }) => ({
      lender_id: lenderId,
      application_id: application.id,
      until: application.lock_until,
    })),
    reservations: exported.reservations.map(({ lenderId, partnerId, untilMs }) => ({
      lender_id: lenderId,
      partner_id: partnerId,
      until: isoOf(untilMs),
    })),
    touches: exported.touches.map(({ touch, click, handoff }) => ({
      kind: touch.kind,
      id: touch.id,
      partner_id: touch.partner_id,
      link_code: touch.link_code,
      at: isoOf(touch.at_ms),
      product_id: handoff?.product_id ?? null,
      partner_user_ref: handoff?.partner_user_ref ?? null,
      sub_ids: click?.sub_ids ?? {},
    })),
  };
}

function applicationView({
  application,
  version,
  personal,
  unreadable,
  others,
  passedTo,
  history,
}: ExportedApplication) {
  return {
    application: operatorApplication({ application, version }),
    actions: (application.actions ?? []).map(({ answer: _, codes_tried: __, ...action }) => action),
    cards: [...(application.cards ?? [])],
    verifications: [...(application.verifications ?? [])],
    personal,
    unreadable,
    others,
    passed_to: passedTo,
    history: history.map(({ type, occurred_at, recorded_at }) => ({ type, occurred_at, recorded_at })),
  };
}
