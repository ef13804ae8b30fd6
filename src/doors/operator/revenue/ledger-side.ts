import { z } from '@hono/zod-openapi';
import { funderParty } from '../../../base/ledger-party.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import type { ContractTerms } from '../../../revenue/terms.ts';
import { partnerParam } from './known-partner.ts';

/** On which side of our books a counterparty stands: the same operations, for those whom we pay and those who pay us. */
export interface LedgerSide {
  readonly kind: 'partner' | 'funder';
  /** What its paths begin with. */
  readonly path: '/admin/v1/partners/{id}' | '/admin/v1/funders/{id}';
  readonly param: typeof partnerParam;
  /** As sentences name it. */
  readonly one: string;
  /** Direction of a payment that settles what is owed. */
  readonly settles: 'out' | 'in';
  /** The id that its ledger goes by. */
  partyOf(id: string): string;
}

/** Those whom we pay. */
export const PARTNER_SIDE: LedgerSide = {
  kind: 'partner',
  path: '/admin/v1/partners/{id}',
  param: partnerParam,
  one: 'a partner',
  settles: 'out',
  partyOf: (id) => id,
};

/** Those who pay us: the same engine with the sign turned, so that what is owed is positive here too. */
export const FUNDER_SIDE: LedgerSide = {
  kind: 'funder',
  path: '/admin/v1/funders/{id}',
  param: {
    id: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,31}$/, 'must be the id of a funder')
      .openapi({ description: 'Funder', example: 'harbour', param: { name: 'id', in: 'path' } }),
  },
  one: 'a funder',
  settles: 'in',
  partyOf: funderParty,
};

/**
 * All versions of all contracts of a counterparty.
 * @throws ProblemError 404
 */
export function contractsOn(
  { kind, partyOf }: LedgerSide,
  desk: Pick<RevenueDesk, 'contractsOf'>,
  id: string,
): readonly ContractTerms[] {
  const contracts = desk.contractsOf(partyOf(id));
  if (contracts === undefined) throw new ProblemError('not_found', `there is no ${kind} ${id}`);
  return contracts;
}

/** The operation as the other side has it: `listPartnerStatements` → `listFunderStatements`, `reviewPeriod` → `reviewFunderPeriod`. */
export function operationIdOn({ kind }: LedgerSide, operationId: string): string {
  if (kind === 'partner') return operationId;
  return operationId.includes('Partner')
    ? operationId.replace('Partner', 'Funder')
    : operationId.replace(/^[a-z]+/, '$&Funder');
}
