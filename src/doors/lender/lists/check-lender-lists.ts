import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { listViewOf } from '../../../intake/list-view.ts';
import type { Lender } from '../../../registry/schema/lender.ts';
import { judgeLists, type ListVerdict } from '../../../screening/lists/judge-lists.ts';
import { auditedRequest } from '../../audited-request.ts';
import { faultsOf, parseItem, type ReadItem } from '../../lists/change-entries.ts';
import { checkSubjects, type LookedUpSubject, readListSubject, type SubjectCheck } from '../../lists/check-subjects.ts';
import {
  itemsOf,
  LIST_BODY_MAX_BYTES,
  lenderCheckItemSchema,
  lenderCheckResultSchema,
} from '../../lists/entry-schema.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';
import { fundersOf } from './lender-scopes.ts';

const route = createRoute({
  method: 'post',
  path: '/lender/v1/lists/check',
  operationId: 'checkLenderLists',
  tags: ['Lists'],
  summary: 'What would your applications see of these subjects?',
  description:
    'Whoever contributed what is seen: entries of the network, of your own scope and of the funders of your products. ' +
    '`blocked` when no funder would lend. It never says who contributed an entry, or why. Suspended entries count for ' +
    'nothing. A subject that cannot be looked up has `blocked: null` and a code. Audited as list.check, once a request. The ' +
    'body has at most 2 MiB.',
  'x-max-body-bytes': LIST_BODY_MAX_BYTES,
  request: {
    body: jsonBody(
      z.strictObject({ items: itemsOf('LenderListCheckItem', lenderCheckItemSchema, 'One subject') }),
      'The subjects, plain or hashed',
    ),
  },
  responses: {
    200: {
      description: 'One result an item, in their order',
      content: {
        'application/json': {
          schema: z.object({
            results: z.array(lenderCheckResultSchema).openapi({ description: 'One result an item, in their order' }),
          }),
        },
      },
    },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

interface Question extends LookedUpSubject {
  readonly funders: readonly string[];
}

/** `POST /lender/v1/lists/check`. */
export function registerCheckLenderLists(
  door: LenderDoor,
  deps: Pick<LenderDeps, 'lists' | 'reports' | 'env' | 'audit' | 'logger'>,
): void {
  const { lists, reports, env } = deps;
  door.openapi(route, async (c) => {
    const { items } = c.req.valid('json');
    const lender = partyOf(c);
    addLogFields(c, { items: items.length });
    const read = items.map((item, at): ReadItem<Question> => {
      const parsed = parseItem(c, lenderCheckItemSchema, { item, at, env, field: 'items' });
      if (!parsed.ok) return parsed;
      const funders = fundersAsked(lender, parsed.value.product_id);
      if (funders === undefined) return { ok: false, faults: [UNKNOWN_PRODUCT] };
      const subject = readListSubject(parsed.value.subject, lists);
      return subject.ok ? { ok: true, value: { ...subject.value, funders } } : subject;
    });
    const nowMs = reports.clock.nowMs();
    const what = {
      actor: { name: lender.id, role: 'lender' as const },
      action: 'list.check',
      object: { kind: 'lists', id: `lender:${lender.id}` },
      reason: null,
      after: (checked: readonly SubjectCheck<ListVerdict>[]) => countChecks(checked),
    };
    const checked = await auditedRequest(c, deps, what, () =>
      checkSubjects(lists, read, (memberships, { tokens, funders }) => {
        const idTokens = tokens.filter(({ kind }) => kind === 'id_number');
        const seer = { funders, lenderId: lender.id, partnerId: null, idTokens, nowMs };
        return judgeLists(memberships, listViewOf(reports.registry(), seer));
      }),
    );
    return c.json({ results: checked.map(resultOf) }, 200);
  });
}

const UNKNOWN_PRODUCT = { pointer: '/product_id', code: 'unknown_product', message: 'is none of your products' };

function fundersAsked(lender: Lender, productId: string | undefined): readonly string[] | undefined {
  if (productId === undefined) return fundersOf(lender);
  return lender.products.find(({ id }) => id === productId)?.funders;
}

function resultOf(one: SubjectCheck<ListVerdict>): z.output<typeof lenderCheckResultSchema> {
  if (!one.ok) return { blocked: null, trusted: null, blocked_funders: null, ...faultsOf(one.faults) };
  const { blocked, trusted, blockedFunders } = one.verdict;
  return { blocked, trusted, blocked_funders: [...blockedFunders] };
}

function countChecks(checked: readonly SubjectCheck<ListVerdict>[]): Record<string, number> {
  const blocked = checked.filter((one) => one.ok && one.verdict.blocked).length;
  return { items: checked.length, blocked, unreadable: checked.filter(({ ok }) => !ok).length };
}
