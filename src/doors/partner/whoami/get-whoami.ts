import { createRoute } from '@hono/zod-openapi';
import { isoOf } from '../../../base/clock.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { allTermsInForce } from '../../../registry/terms-in-force.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { whoamiSchema } from './whoami-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/whoami',
  operationId: 'getWhoami',
  tags: ['Integration'],
  summary: 'Who you are here: the first call of an integration',
  responses: {
    200: { description: 'Your profile', content: { 'application/json': { schema: whoamiSchema } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerGetWhoami(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { id, name, kind, status, disclosure, visibility, limits, ...partner } = partyOf(c);
    const keys = deps.keysOf(id).flatMap(({ id, alg, notBefore, notAfter, revokedAt }) => {
      return revokedAt === null ? [{ id, alg, not_before: notBefore, not_after: notAfter }] : [];
    });
    const contracts = allTermsInForce(partner, deps.intake.clock.nowMs()).map((terms) => {
      const { contract, id: terms_id, payer, currency, from, timezone, cycle } = terms;
      return { contract, terms_id, payer, currency, from, timezone, cycle: String(cycle) };
    });
    const made = await deps.links.list(id);
    const links = [...partner.links, ...made].map((link) => link.code);
    // Real time, also while the sandbox clock is moved: signatures are judged by it.
    const time = isoOf(Date.now());
    const environment = deps.env;
    const profile = { id, name, kind, status, keys, environment, disclosure, visibility, limits };
    return c.json({ ...profile, contracts, links, time }, 200);
  });
}
