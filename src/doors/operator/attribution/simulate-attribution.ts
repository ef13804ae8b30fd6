import { createRoute, z } from '@hono/zod-openapi';
import { rulesToWire } from '../../../attribution/simulate-attribution.ts';
import { isoOf, msOf } from '../../../base/clock.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type CommissionSimulation, simulateCommissions } from '../../../intake/simulate-commissions.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { asOfSchema, maxDaysSchema, minSecondsSchema, modelSchema, rulesOf, rulesSchema } from './other-rules.ts';

const partnerSchema = z.string().openapi({ description: 'Id of a traffic partner', example: 'acme' });
const count = (description: string) => z.int().openapi({ description, example: 12 });

const simulationSchema = z
  .object({
    from: instantSchema.openapi({ description: 'Commissions of events from here on' }),
    to: instantSchema.openapi({ description: 'Commissions of events before this' }),
    rules: rulesSchema,
    introductions: count('Applications and registrations that somebody earned from in that time'),
    changed: count('Of these, how many another partner, or nobody, would have earned from'),
    moves: z
      .array(
        z.object({
          from: partnerSchema.openapi({ description: 'Who earns', example: 'acme' }),
          to: partnerSchema
            .nullable()
            .openapi({ description: 'Who would; null = nobody; the same = nothing changes', example: 'lantern' }),
          introductions: count('Applications and registrations'),
          amounts: z.record(z.string(), z.int()).openapi({
            description: 'Commissions as they were booked, by currency, minor units; held ones too, void ones not',
            example: { CNY: 450000 },
          }),
        }),
      )
      .openapi({ description: 'By who earns and who would' }),
    lines: count('Commissions that were looked at'),
    cut_at: z.record(z.string(), instantSchema).openapi({
      description: 'Partners with more commissions than one answer looks at → ask again with this as `to`',
      example: {},
    }),
  })
  .openapi('AttributionSimulation', { description: 'To whom other rules would have given the commissions of a time' });

const route = createRoute({
  method: 'post',
  path: '/admin/v1/attribution/simulations',
  operationId: 'simulateAttribution',
  tags: ['Attribution'],
  summary: 'What other rules would have paid to whom',
  description:
    'Decides every introduction that earned in a time once more, by other rules, from what was stored with its verdict, and adds up the commissions that would go to somebody else. Amounts are those booked, under the terms of who earns them now; what pays nobody now is not in the books and so not in here. Nothing changes; that it was asked is audited. Roles: admin, finance, risk.',
  request: {
    headers: reasonHeader,
    body: jsonBody(
      z
        .strictObject({
          from: instantSchema.openapi({ description: 'Commissions of events from here on' }),
          to: instantSchema.openapi({ description: 'Commissions of events before this' }),
          partner_id: partnerSchema
            .optional()
            .openapi({ description: 'Only what this partner earned', example: 'acme' }),
          model: modelSchema.optional(),
          click_min_seconds: minSecondsSchema.optional(),
          click_max_days: maxDaysSchema.optional(),
          as_of: asOfSchema.optional(),
        })
        .refine(({ from, to }) => msOf(from) < msOf(to), { path: ['to'], error: 'must be after `from`' }),
      'The time and the rules',
    ),
  },
  responses: {
    200: { description: 'What would change', content: { 'application/json': { schema: simulationSchema } } },
    ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found'),
  },
});

/** `POST /admin/v1/attribution/simulations`. */
export function registerSimulateAttribution(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'store' | 'registrations' | 'registry' | 'revenue' | 'audit' | 'logger'>,
): void {
  door.openapi(route, async (c) => {
    const { from, to, partner_id: partnerId, ...sent } = c.req.valid('json');
    const { traffic } = deps.registry();
    if (partnerId !== undefined && !traffic.has(partnerId)) throw new ProblemError('not_found', 'no such partner');
    const period = {
      partnerIds: partnerId === undefined ? [...traffic.keys()].sort() : [partnerId],
      fromMs: msOf(from),
      toMs: msOf(to),
    };
    const rules = rulesOf(sent);
    const { store, registrations, revenue } = deps;
    const what = {
      action: 'attribution.simulate',
      object: { kind: 'period', id: `${isoOf(period.fromMs)}/${isoOf(period.toMs)}` },
      after: ({ introductions, changed }: CommissionSimulation) => ({ introductions, changed }),
    };
    const found = await audited(c, deps, what, () =>
      simulateCommissions({ store, registrations, ledger: revenue.ledger }, period, rules),
    );
    return c.json(
      { from: isoOf(period.fromMs), to: isoOf(period.toMs), rules: rulesToWire(rules), ...view(found) },
      200,
    );
  });
}

function view({ introductions, changed, lines, moves, cutAt }: CommissionSimulation) {
  return { introductions, changed, moves: moves.map((move) => ({ ...move })), lines, cut_at: { ...cutAt } };
}
