import { createRoute, z } from '@hono/zod-openapi';
import { requireRole } from '../../../http/bearer.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields } from '../../../http/request-context.ts';
import { type ErasedSubject, eraseSubject } from '../../../privacy/erase-subject.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { applicationIdSchema, subjectFields, wantedOf } from './subject-request.ts';

const count = (description: string) => z.int().openapi({ description, example: 1 });

const answerSchema = z
  .object({
    applications: z
      .array(
        z.object({
          id: applicationIdSchema,
          result: z
            .enum(['erased', 'already_erased', 'kept'])
            .openapi({ description: 'What became of its personal data', example: 'erased' }),
          reason: z
            .enum(['in_use'])
            .nullable()
            .openapi({ description: 'Why it is kept: it is still needed', example: null }),
          needed_for: z
            .enum(['being_decided', 'credit_open', 'loan_open', 'debt_owed'])
            .nullable()
            .openapi({ description: 'For what it is needed', example: null }),
        }),
      )
      .openapi({ description: 'Every application of the person' }),
    erased: z
      .object({
        touches: count('Clicks and hand-offs that are no longer known to be the person’s'),
        clicks: count('Clicks that no longer know whose they are'),
        reservations: count('Reservations by prechecks'),
      })
      .openapi({ description: 'What else was erased' }),
    kept: z
      .array(
        z.object({
          what: z
            .enum(['application_facts', 'tokens', 'claims', 'registrations', 'audit'])
            .openapi({ description: 'What stays', example: 'tokens' }),
          count: count('How many'),
          why: z.string().openapi({ description: 'Why it stays', example: 'they are what claims are held by' }),
        }),
      )
      .openapi({ description: 'What stays, none of which shows the person' }),
  })
  .openapi('SubjectErasure', { description: 'What was erased of a person, what was kept, and why' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/subjects/erase',
  operationId: 'eraseSubject',
  tags: ['Applicants'],
  summary: 'Erase a person',
  description:
    'Erases the sealed data of every application that all given identifiers lead to, and what tells whose a click was. Data ' +
    'that an application in progress, an open credit, a running loan or an unpaid debt still needs is kept as `in_use`; an ' +
    'admin may `force` it out, and what needs it then does without: a push to the lender that has not happened is given up as ' +
    '`record_erased`. Keyed tokens, references and amounts stay for money, claims and lists. Repeating it is safe. Audited as ' +
    'subject.erased. Roles: admin, risk.',
  request: {
    body: jsonBody(
      z.strictObject({
        ...subjectFields,
        force: z
          .boolean()
          .default(false)
          .openapi({ description: 'Erase also what is still needed. Admins only', example: false }),
      }),
      'Whom, and why',
    ),
  },
  responses: {
    200: { description: 'What was done', content: { 'application/json': { schema: answerSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

/** `POST /admin/v1/subjects/erase`. */
export function registerEraseSubject(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'subjects' | 'audit' | 'logger'>,
): void {
  door.openapi(route, async (c) => {
    const body = c.req.valid('json');
    if (body.force) requireRole(c);
    const wanted = wantedOf(body, deps.subjects.tokenizer);
    const what = {
      action: 'subject.erased',
      object: { kind: 'person', id: wanted.token },
      reason: body.reason,
      after: (erased: ErasedSubject) => ({ ...countsOf(erased), force: body.force }),
    };
    const erased = await audited(c, deps, what, () => eraseSubject(deps.subjects, wanted, body.force));
    addLogFields(c, countsOf(erased));
    return c.json(erasureView(erased), 200);
  });
}

function countsOf({ applications }: ErasedSubject) {
  const gone = applications.filter(({ erasure }) => erasure.result !== 'kept').length;
  return { erased: gone, kept: applications.length - gone };
}

function erasureView(erased: ErasedSubject): z.output<typeof answerSchema> {
  const { applications, touches, clicks, reservations, claimsKept, registrationsKept } = erased;
  const gone = applications.filter(({ erasure }) => erasure.result !== 'kept').length;
  const kept = [
    { what: 'application_facts', count: gone, why: 'references, amounts and statuses prove what was paid and to whom' },
    {
      what: 'tokens',
      count: applications.length,
      why: 'keyed pseudonyms: a person is paid for, refused and listed by them',
    },
    {
      what: 'claims',
      count: claimsKept.length,
      why: 'they decide whose the person is at a lender, and who is a customer',
    },
    {
      what: 'registrations',
      count: registrationsKept,
      why: 'they hold tokens and references, and commissions rest on them',
    },
    { what: 'audit', count: 1, why: 'that the person asked, and what was done, has to be shown' },
  ] as const;
  return {
    applications: applications.map(({ id, erasure }) => ({
      id,
      result: erasure.result,
      reason: erasure.result === 'kept' ? 'in_use' : null,
      needed_for: erasure.result === 'kept' ? erasure.reason : null,
    })),
    erased: { touches, clicks, reservations },
    kept: kept.filter((one) => one.count > 0),
  };
}
