import { createRoute, z } from '@hono/zod-openapi';
import type { DeadDelivery } from '../../applications/push/dead-letters.ts';
import { AUDIT_REASON_MAX } from '../../audit/audit-view.ts';
import { shardOfId } from '../../base/ids.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import type { Actor } from '../../http/bearer.ts';
import { idSchema } from '../../http/common-schemas.ts';
import { jsonBody } from '../../http/json-body.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../http/problem-responses.ts';
import { addLogFields, type DoorContext } from '../../http/request-context.ts';
import { audited, reasonHeader } from './audited.ts';
import { deadFilter } from './dead-deliveries.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';

/** Deliveries of one request, named or found by the filter. */
const BATCH_MAX = 500;
/** Deliveries that are worked on at the same time. */
const AT_ONCE = 32;
/** Deliveries that an audit entry names. */
const NAMED_MAX = 80;

const wantedFields = {
  ids: z
    .array(idSchema('dlv'))
    .min(1)
    .max(BATCH_MAX)
    .optional()
    .openapi({ description: '1 to 500 deliveries', example: ['dlv_1f8ac10f23c5b5bc1167bda84b833e5c'] }),
  ...deadFilter,
};

const ONE_WAY = 'give ids, or lender_id (with kind, to narrow it down)';

interface Wanted {
  readonly ids?: readonly string[] | undefined;
  readonly lender_id?: string | undefined;
  readonly kind?: DeadDelivery['delivery']['kind'] | undefined;
}

function isOneWay({ ids, lender_id, kind }: Wanted): boolean {
  return ids === undefined ? lender_id !== undefined : lender_id === undefined && kind === undefined;
}

function resultSchema<const Done extends string>(done: Done) {
  return z.object({
    results: z
      .array(
        z.object({
          id: z.string().openapi({ description: 'The delivery', example: 'dlv_1f8ac10f23c5b5bc1167bda84b833e5c' }),
          result: z.enum([done, 'not_found']).openapi({
            description: 'not_found = it is not among those that were given up',
            example: done,
          }),
        }),
      )
      .openapi({ description: 'In the order of ids; by a filter, what was given up first comes first' }),
    more: z.boolean().openapi({
      description: 'Whether the filter finds more: ask again until it does not',
      example: false,
    }),
  });
}

const redriveRoute = createRoute({
  method: 'post',
  path: '/admin/v1/deliveries/dead/redrive',
  operationId: 'redriveDeadDeliveries',
  tags: ['Operations'],
  summary: 'Send deliveries again',
  description:
    'Takes deliveries up again under the same id, due at once, each at its old place in the order of its application: ' +
    'up to 500 that you name, or the oldest 500 of a lender. Roles: admin, support.',
  request: {
    headers: reasonHeader,
    body: jsonBody(z.strictObject(wantedFields).refine(isOneWay, ONE_WAY), 'What to send again'),
  },
  responses: {
    200: {
      description: 'One result a delivery',
      content: { 'application/json': { schema: resultSchema('redriven') } },
    },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

const dropRoute = createRoute({
  method: 'post',
  path: '/admin/v1/deliveries/dead/drop',
  operationId: 'dropDeadDeliveries',
  tags: ['Operations'],
  summary: 'Drop deliveries',
  description:
    'Removes messages that nobody wants any more, with what they hold: up to 500 that you name, or the oldest 500 of a ' +
    'lender. They cannot be sent again; their applications stay as they are. Roles: admin, support.',
  request: {
    body: jsonBody(
      z
        .strictObject({
          ...wantedFields,
          reason: z
            .string()
            .trim()
            .min(3)
            .max(AUDIT_REASON_MAX)
            .openapi({ description: 'Why, for the audit log', example: 'the lender has entered it by hand' }),
        })
        .refine(isOneWay, ONE_WAY),
      'What to drop, and why',
    ),
  },
  responses: {
    200: { description: 'One result a delivery', content: { 'application/json': { schema: resultSchema('dropped') } } },
    ...problemResponses(...operatorProblems, ...bodyProblems),
  },
});

type SettleDeps = Pick<OperatorDeps, 'deadLetters' | 'realClock' | 'kick' | 'audit' | 'logger'>;

/** `POST /admin/v1/deliveries/dead/redrive` and `…/drop`. */
export function registerSettleDeadDeliveries(door: OperatorDoor, deps: SettleDeps): void {
  const { deadLetters, realClock, kick } = deps;
  door.openapi(redriveRoute, async (c) => {
    const revive = async (dead: DeadDelivery): Promise<boolean> => {
      const isRevived = await deadLetters.revive(dead, realClock.nowMs());
      kick(shardOfId(dead.delivery.applicationId));
      return isRevived;
    };
    return c.json(
      await settle(c, deps, { action: 'redrive', done: 'redriven', wanted: c.req.valid('json') }, revive),
      200,
    );
  });

  door.openapi(dropRoute, async (c) => {
    const { reason, ...wanted } = c.req.valid('json');
    const drop = async (dead: DeadDelivery): Promise<boolean> => {
      await deadLetters.drop(dead, realClock.nowMs());
      return true;
    };
    return c.json(await settle(c, deps, { action: 'drop', done: 'dropped', wanted, reason }, drop), 200);
  });
}

interface Act<Done extends string> {
  readonly action: 'redrive' | 'drop';
  readonly done: Done;
  readonly wanted: Wanted;
  /** Absent = that of the header. */
  readonly reason?: string;
}

interface Settled<Done extends string> {
  results: { id: string; result: Done | 'not_found' }[];
  more: boolean;
}

/** One audited act over all that is wanted. */
async function settle<const Done extends string>(
  c: DoorContext<Actor>,
  deps: SettleDeps,
  { action, done, wanted, reason }: Act<Done>,
  work: (dead: DeadDelivery) => Promise<boolean>,
): Promise<Settled<Done>> {
  const { found, more } = await find(deps, wanted);
  const ids = found.map(({ id }) => id);
  const what = {
    action: `deliveries.${action}`,
    object: { kind: 'deliveries', id: nameOf(wanted, ids) },
    ...(reason === undefined ? {} : { reason }),
    before: { ids: ids.slice(0, NAMED_MAX), count: ids.length },
    after: ({ results }: Settled<Done>) => ({ [done]: countOf(results, done) }),
  };
  const settled = await audited(c, deps, what, async () => {
    const results = await mapBounded(found, AT_ONCE, async ({ id, dead }) => {
      const isDone = dead !== undefined && (await work(dead));
      return { id, result: isDone ? done : ('not_found' as const) };
    });
    return { results, more };
  });
  addLogFields(c, { [done]: countOf(settled.results, done) });
  return settled;
}

interface Found {
  readonly id: string;
  readonly dead: DeadDelivery | undefined;
}

async function find({ deadLetters }: SettleDeps, wanted: Wanted): Promise<{ found: Found[]; more: boolean }> {
  const { ids, lender_id: lenderId, kind } = wanted;
  if (ids !== undefined) {
    const found = await mapBounded(ids, AT_ONCE, async (id) => ({ id, dead: await deadLetters.find(id) }));
    return { found, more: false };
  }
  const page = await deadLetters.list({ lenderId, kind, limit: BATCH_MAX });
  return { found: page.deliveries.map((dead) => ({ id: dead.delivery.id, dead })), more: page.next !== null };
}

function nameOf({ ids, lender_id: lenderId, kind }: Wanted, found: readonly string[]): string {
  if (ids === undefined) return `${lenderId}${kind === undefined ? '' : `/${kind}`}`;
  return found.length === 1 ? (found[0] ?? '') : `${found.length} deliveries`;
}

function countOf(results: readonly { readonly result: string }[], done: string): number {
  return results.filter(({ result }) => result === done).length;
}
