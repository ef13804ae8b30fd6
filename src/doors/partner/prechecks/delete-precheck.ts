import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { releaseReservation } from '../../../intake/end-reservation.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/prechecks/{id}',
  operationId: 'releasePrecheck',
  tags: ['Prechecks'],
  summary: 'Give a reservation back before it ends',
  description:
    'Whatever the precheck has reserved for you is free again, at every lender. Once more, or for a precheck that has reserved nothing, is over or is not yours, the answer is the same and nothing happens.',
  request: {
    params: z.object({ id: pathIdSchema('pre') }),
  },
  responses: { 204: { description: 'Nothing is reserved' }, ...problemResponses(...signedProblems, 'not_found') },
});

export function registerDeletePrecheck(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    await releaseReservation(intake, partyOf(c).id, id);
    addLogFields(c, { precheck_id: id });
    return c.body(null, 204);
  });
}
