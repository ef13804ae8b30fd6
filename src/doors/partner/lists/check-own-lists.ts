import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { limitedBy, tellBudget } from '../../../http/rate-limit-fields.ts';
import { addLogFields, type DoorContext, partyOf } from '../../../http/request-context.ts';
import { spendProbes } from '../../../intake/spend-probes.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import type { ListScope } from '../../../screening/lists/entry.ts';
import { judgeLists } from '../../../screening/lists/judge-lists.ts';
import { faultsOf, parseItem } from '../../lists/change-entries.ts';
import { checkSubjects, readListSubject } from '../../lists/check-subjects.ts';
import { checkItemSchema, checkResultSchema, itemsOf, LIST_BODY_MAX_BYTES } from '../../lists/entry-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/lists/check',
  operationId: 'checkLists',
  tags: ['Lists'],
  summary: 'What do your own lists say of these subjects?',
  description:
    'Your own scope alone; what others know of a person shows in no answer of ours but a decision. Counts as so many of ' +
    'your `probes_per_day` as it has items: all, or none and the answer is `429`. A subject that cannot be looked up has ' +
    '`blocked: null` and a code, such as `form_not_indexed`. The body has at most 2 MiB.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    body: jsonBody(
      z.strictObject({ items: itemsOf('ListCheckItem', checkItemSchema, 'One subject') }),
      'The subjects, plain or hashed',
    ),
  },
  responses: {
    200: {
      description: 'One result an item, in their order',
      content: {
        'application/json': {
          schema: z.object({
            results: z.array(checkResultSchema).openapi({ description: 'One result an item, in their order' }),
          }),
        },
      },
    },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

/** `POST /v1/lists/check`. */
export function registerCheckOwnLists(door: PartnerDoor, { intake, env }: Pick<PartnerDeps, 'intake' | 'env'>): void {
  door.openapi(route, async (c) => {
    const { lists } = intake;
    const { items } = c.req.valid('json');
    const partner = partyOf(c);
    addLogFields(c, { items: items.length });
    await spend(c, intake, partner, items.length);
    const read = items.map((item, at) => {
      const parsed = parseItem(c, checkItemSchema, { item, at, env, field: 'items' });
      return parsed.ok ? readListSubject(parsed.value.subject, lists) : parsed;
    });
    const scope: ListScope = `partner:${partner.id}`;
    const nowMs = intake.clock.nowMs();
    const checked = await checkSubjects(lists, read, (memberships, { tokens }) => {
      const idTokens = tokens.filter(({ kind }) => kind === 'id_number');
      // No lender and no funder: nothing but the partner's own scope is looked at, whatever else stands about the person.
      const view = { funders: [], lenderId: '', partnerId: partner.id, idTokens, nowMs };
      const own = memberships.filter((one) => one.scope === scope);
      return judgeLists(own, view);
    });
    const results = checked.map((one) =>
      one.ok
        ? { blocked: one.verdict.blocked, trusted: one.verdict.trusted }
        : { blocked: null, trusted: null, ...faultsOf(one.faults) },
    );
    return c.json({ results }, 200);
  });
}

async function spend(
  c: DoorContext<TrafficPartner>,
  intake: PartnerDeps['intake'],
  partner: TrafficPartner,
  amount: number,
): Promise<void> {
  const { ok, remaining, resetInSeconds } = await spendProbes(intake, partner, amount);
  tellBudget(c, 'probes', remaining, resetInSeconds);
  if (ok) return;
  const detail = `${amount} more would be over ${partner.limits.probes_per_day} subjects a day; ${remaining} are left`;
  throw limitedBy('probes', detail, resetInSeconds);
}
