import { createRoute, z } from '@hono/zod-openapi';
import type { ProbeReport } from '../../../applications/push/probes/core-prober.ts';
import { PROBE_NAMES } from '../../../applications/push/probes/probe.ts';
import { isTrialRef, TRIAL_MARK } from '../../../applications/trial-mark.ts';
import { idSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields } from '../../../http/request-context.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { lenderPathSchema } from './list-lender-events.ts';

const probeSchema = z.enum(PROBE_NAMES).openapi({
  description:
    'unsigned, wrong_signature, other_body (signed for other bytes), expired_signature, unknown_key: must be refused with ' +
    '401. redelivery, at_once (twice at the same time): the application once more under its delivery id. unknown_product: ' +
    'must be refused with 4xx. unknown_field, large_body (200 KiB): a supplement that must be answered',
  example: 'redelivery',
});

const answerSchema = z.object({
  status: z.int().nullable().openapi({ description: 'HTTP status; null = no answer', example: 200 }),
  error: z.string().nullable().openapi({ description: 'Why there was none: timeout, econnrefused, …', example: null }),
  took_ms: z.int().openapi({ description: 'Milliseconds', example: 42 }),
  result: z
    .enum(['accepted', 'duplicate', 'rejected'])
    .nullable()
    .openapi({ description: 'As answered; null = not readable', example: 'duplicate' }),
  lender_ref: z.string().nullable().openapi({ description: 'The lender’s reference, as answered', example: 'QC-1' }),
});

const faultSchema = z.object({
  code: z
    .enum([
      'no_answer',
      'wrong_status',
      'answer_invalid',
      'not_a_duplicate',
      'lender_ref_missing',
      'lender_ref_changed',
      'slow',
    ])
    .openapi({ description: 'What is wrong', example: 'answer_invalid' }),
  minor: z.boolean().openapi({ description: 'Works, and could be better', example: false }),
  pointer: z
    .string()
    .nullable()
    .openapi({ description: 'RFC 6901 pointer into the answer; null = not about one place', example: '/result' }),
  message: z.string().openapi({ description: 'In words', example: 'answered 500 where 401 is right' }),
});

const reportSchema = z
  .object({
    probe: probeSchema,
    passed: z.boolean().openapi({ description: 'Whether nothing but minor faults was found', example: true }),
    answers: z.array(answerSchema).openapi({ description: 'One a request that was sent' }),
    faults: z.array(faultSchema).openapi({ description: 'What was found; empty = nothing' }),
  })
  .openapi('ProbeReport', { description: 'What a lender’s core answered to a probe, and what is wrong with it' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/lenders/{id}/probes',
  operationId: 'probeLender',
  tags: ['Operations'],
  summary: 'Probe a lender’s core',
  description:
    'Sends the core something that it must stand, signed by us as the probe wants it, and judges the answer. Sandbox only, ' +
    `and about an application whose partner_user_ref begins with ${TRIAL_MARK}. Roles: admin, support.`,
  request: {
    params: z.object({ id: lenderPathSchema }),
    headers: reasonHeader,
    body: jsonBody(
      z
        .strictObject({
          probe: probeSchema,
          application_id: idSchema('app').openapi({ description: 'An application of a trial, of this lender' }),
        })
        .openapi('ProbeRequest', { description: 'What to send' }),
      'Which probe',
    ),
  },
  responses: {
    200: { description: 'What came of it', content: { 'application/json': { schema: reportSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'core_not_called'),
  },
});

type ProbeDeps = Pick<OperatorDeps, 'env' | 'store' | 'prober' | 'audit' | 'logger'>;

/** `POST /admin/v1/lenders/{id}/probes`; in live there is no such path. */
export function registerProbeLender(door: OperatorDoor, deps: ProbeDeps): void {
  if (deps.env === 'live') return;
  door.openapi(route, async (c) => {
    const { id: lenderId } = c.req.valid('param');
    const { probe, application_id } = c.req.valid('json');
    const what = {
      action: 'lender.probe',
      object: { kind: 'lender', id: lenderId },
      before: { probe, application_id },
      after: ({ faults }: ProbeReport) => ({ faults: faults.map(({ code }) => code) }),
    };
    const report = await audited(c, deps, what, async () => {
      const found = (await deps.store.load(application_id))?.application;
      if (found?.lender_id !== lenderId || !isTrialRef(found.partner_user_ref)) throw noTrial();
      const probed = await deps.prober.probe(probe, found);
      if (probed.kind === 'probed') return probed;
      throw probed.kind === 'erased' ? noTrial() : new ProblemError('core_not_called');
    });
    addLogFields(c, { probe, faults: report.faults.length });
    return c.json(view(probe, report), 200);
  });
}

function noTrial(): ProblemError {
  return new ProblemError('not_found', 'this lender has no such application of a trial');
}

function view(probe: z.output<typeof probeSchema>, { answers, faults }: ProbeReport): z.output<typeof reportSchema> {
  return {
    probe,
    passed: faults.every(({ minor }) => minor),
    answers: answers.map(({ status, error, tookMs, result, lenderRef }) => {
      return { status, error, took_ms: Math.round(tookMs), result, lender_ref: lenderRef };
    }),
    faults: faults.map((fault) => ({ ...fault })),
  };
}
