import { createRoute, z } from '@hono/zod-openapi';
import { Rational } from '../../../base/rational.ts';
import { acceptLanguage } from '../../../http/accept-language.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type Evidence, gatherEvidence } from '../../../intake/gather-evidence.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { evidenceSchema } from './evidence-schema.ts';
import { contractsOfPartner } from './known-partner.ts';

const PARTY_ID = /^(funder:)?[a-z][a-z0-9-]{1,31}$/;

const route = createRoute({
  method: 'get',
  path: '/admin/v1/commissions/{id}/evidence',
  operationId: 'readCommissionEvidence',
  tags: ['Revenue'],
  summary: 'What stands behind a commission',
  description:
    'The lender’s event and what we hold of its message, the terms that priced it, the calculation, who introduced the ' +
    'applicant and why, the ledger entry with its place in the chain, and the statement that lists it. Roles: finance, risk.',
  request: {
    params: z.object({ id: pathIdSchema('com') }),
    query: z.strictObject({
      partner: z
        .string()
        .regex(PARTY_ID, 'must be the id of a partner, or funder:<id>')
        .openapi({ description: 'Whose commission it is', example: 'acme' }),
    }),
  },
  responses: {
    200: viewAnswer(evidenceSchema, 'The evidence'),
    ...problemResponses(...operatorProblems, 'not_found', 'validation_failed'),
  },
});

type Deps = Pick<OperatorDeps, 'revenue' | 'store' | 'registrations' | 'client' | 'keys'>;

/** `GET /admin/v1/commissions/{id}/evidence`. */
export function registerReadEvidence(door: OperatorDoor, { revenue, ...deps }: Deps): void {
  const { ledger, periods } = revenue;
  door.openapi(route, async (c) => {
    const { partner } = c.req.valid('query');
    const contracts = contractsOfPartner(revenue, partner);
    const language = acceptLanguage(c.req.header('accept-language'));
    const found = await gatherEvidence(
      { ...deps, ledger, periods },
      partner,
      contracts,
      c.req.valid('param').id,
      language,
    );
    if (found === undefined) throw new ProblemError('not_found', `${partner} has no such commission`);
    return c.json(toWire(found), 200);
  });
}

function toWire({ commission, event, terms, attribution, entry, head, statement, related }: Evidence) {
  return {
    commission,
    event: event && {
      id: event.id,
      type: event.type,
      occurred_at: event.occurred_at,
      recorded_at: event.recorded_at,
      data: event.data,
      told: event.told,
    },
    terms: terms && termsToWire(terms, commission),
    calculation: {
      why: commission.why,
      base: commission.base?.amount ?? null,
      rate: commission.rate,
      exact: exactOf(commission),
      rounding: terms?.version.rounding ?? null,
      amount: commission.amount.amount,
      currency: commission.amount.currency,
    },
    attribution,
    ledger: entry && {
      seq: entry.seq,
      hash: entry.hash,
      prev_hash: entry.prev_hash,
      kind: entry.kind,
      at: entry.at,
      transfers: entry.transfers,
      head,
    },
    statement: statement && { ...statement, period: statement.period.id },
    related,
  };
}

function termsToWire(
  { version, pricedFingerprint }: NonNullable<Evidence['terms']>,
  { rule, on }: Evidence['commission'],
) {
  const { id, contract, from, price_at, rules, clawback, fingerprint } = version;
  return {
    id,
    contract,
    from,
    price_at,
    rule: rules.find((one) => one.id === rule) ?? null,
    clawback: clawback.filter((one) => one.on === on),
    fingerprint: fingerprint ?? null,
    priced_fingerprint: pricedFingerprint,
  };
}

function exactOf({ base, rate }: Evidence['commission']): string | null {
  if (base === null || rate === null) return null;
  return Rational.of(base.amount, 100).mul(Rational.parse(rate)).toString();
}
