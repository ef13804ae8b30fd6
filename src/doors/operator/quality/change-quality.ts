import { createRoute, z } from '@hono/zod-openapi';
import type { QualityFinding } from '../../../attribution/quality/finding.ts';
import { AUDIT_REASON_MAX } from '../../../audit/audit-view.ts';
import { isoOf, msOf } from '../../../base/clock.ts';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { requireRole } from '../../../http/bearer.ts';
import { instantSchema, pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { operatorFindingSchema, operatorFindingView } from '../../quality/finding-schema.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';

const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(AUDIT_REASON_MAX)
  .openapi({ description: 'Why; the partner reads it too', example: 'the partner showed its campaign' });

const liftRoute = createRoute({
  method: 'post',
  path: '/admin/v1/quality/{finding}/lift',
  operationId: 'liftFinding',
  tags: ['Traffic quality'],
  summary: 'End a finding, and with it its hold',
  description:
    'Clicks are billable from now on. With `restore` those that the finding has held become billable too, each once, within ' +
    'a minute; that may also be asked for after the hold has ended. Until the end of the next day the same is only watched ' +
    'on this link, and what was counted before says nothing any more. Roles: risk.',
  request: {
    params: z.object({
      finding: pathIdSchema('qly').openapi({ param: { name: 'finding', in: 'path' }, description: 'Finding' }),
    }),
    body: jsonBody(
      z.strictObject({
        reason: reasonSchema,
        restore: z
          .boolean()
          .default(false)
          .openapi({ description: 'Whether the clicks that were held become billable', example: true }),
      }),
      'Why, and what becomes of the clicks that were held',
    ),
  },
  responses: {
    200: { description: 'The finding', content: { 'application/json': { schema: operatorFindingSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'nothing_to_lift'),
  },
});

const holdRoute = createRoute({
  method: 'post',
  path: '/admin/v1/quality/holds',
  operationId: 'holdLink',
  tags: ['Traffic quality'],
  summary: 'Switch billing of clicks off for a link',
  description:
    'From a few seconds from now, until the instant given: the end of the next day, by the product’s clock, at the latest. ' +
    'People are sent on, counted and attributed as always. Roles: risk.',
  request: {
    body: jsonBody(
      z.strictObject({
        link: z.string().min(2).max(64).openapi({ description: 'Code of the link', example: 'acme-home' }),
        until: instantSchema.openapi({ description: 'When clicks are billable again' }),
        reason: reasonSchema,
      }),
      'Which link, until when and why',
    ),
  },
  responses: {
    201: { description: 'The finding', content: { 'application/json': { schema: operatorFindingSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'link_held'),
  },
});

/** `POST /admin/v1/quality/{finding}/lift` and `POST /admin/v1/quality/holds`. */
export function registerChangeQuality(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'quality' | 'audit' | 'logger'>,
): void {
  const { quality } = deps;
  door.openapi(liftRoute, async (c) => {
    const { name: by } = requireRole(c, 'risk');
    const { finding: id } = c.req.valid('param');
    const { reason, restore } = c.req.valid('json');
    const before = await quality.find(id);
    if (before === undefined) throw new ProblemError('not_found', 'there is no such finding, or it is no longer kept');
    const what = {
      action: 'quality.lift',
      object: { kind: 'quality_finding', id },
      reason,
      before: auditView(before),
      after: (after: QualityFinding) => ({ ...auditView(after), restore }),
    };
    const finding = await audited(c, deps, what, async () => {
      const lifted = await quality.lift(id, { by, reason, restore });
      if (lifted.kind === 'unknown') throw new ProblemError('not_found');
      if (lifted.kind === 'over') throw new ProblemError('nothing_to_lift');
      return lifted.finding;
    });
    return c.json(operatorFindingView(finding, acceptLanguage(c.req.header('accept-language'))), 200);
  });

  door.openapi(holdRoute, async (c) => {
    const { name: by } = requireRole(c, 'risk');
    const { link: linkCode, until, reason } = c.req.valid('json');
    const partnerId = await quality.partnerOf(linkCode);
    if (partnerId === undefined) throw invalid('/link', `there is no link ${linkCode}`);
    const what = {
      action: 'quality.hold',
      object: { kind: 'link', id: linkCode },
      reason,
      before: { partner: partnerId },
      after: auditView,
    };
    const finding = await audited(c, deps, what, async () => {
      const held = await quality.hold({ partnerId, linkCode }, { by, reason, untilMs: msOf(until) });
      if (held.kind === 'unknown_link') throw invalid('/link', `there is no link ${linkCode}`);
      if (held.kind === 'exists') throw new ProblemError('link_held');
      if (held.kind === 'bad_until') {
        throw invalid('/until', `must be in the future, and at most ${isoOf(held.latestMs)}, the end of the next day`);
      }
      return held.finding;
    });
    return c.json(operatorFindingView(finding, acceptLanguage(c.req.header('accept-language'))), 201);
  });
}

function auditView({ partner_id: partner, link_code: link, code, ended_at, hold }: QualityFinding) {
  return { partner, link, code, ended_at, held_until: hold?.until ?? null };
}

function invalid(pointer: string, message: string): ProblemError {
  return new ProblemError('validation_failed', `${pointer} ${message}`, {
    errors: [{ pointer, code: 'invalid', message }],
  });
}
