import { z } from '@hono/zod-openapi';
import { funderParty } from '../../../base/ledger-party.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { contractsOfPartner, partnerParam } from '../revenue/known-partner.ts';

/** Whose files are compared: a partner’s with what we owe it, a funder’s with what it owes us. */
export interface CounterpartyPaths {
  /** Path of one of them. */
  readonly path: string;
  /** In summaries: `a partner’s file`. */
  readonly whose: string;
  /** In ids of operations. */
  readonly name: 'Partner' | 'Funder';
  /** Whose ledger the id of the path means. */
  readonly partyId: (id: string) => string;
}

export const PARTNER_PATHS: CounterpartyPaths = {
  path: '/admin/v1/partners/{id}',
  whose: 'a partner’s',
  name: 'Partner',
  partyId: (id) => id,
};

export const FUNDER_PATHS: CounterpartyPaths = {
  path: '/admin/v1/funders/{id}',
  whose: 'a funder’s',
  name: 'Funder',
  partyId: funderParty,
};

export const counterpartyParam = {
  id: partnerParam.id.openapi({ description: 'Counterparty', example: 'acme', param: { name: 'id', in: 'path' } }),
};

export const reportParams = z.object({
  ...counterpartyParam,
  reconciliation: pathIdSchema('rec').openapi({
    description: 'Reconciliation',
    param: { name: 'reconciliation', in: 'path' },
  }),
});

/**
 * The ledger of the counterparty of a path.
 * @throws ProblemError 404
 */
export function knownParty(
  revenue: Pick<RevenueDesk, 'contractsOf'>,
  { partyId }: CounterpartyPaths,
  id: string,
): string {
  const party = partyId(id);
  contractsOfPartner(revenue, party);
  return party;
}

/** Path of a counterparty's reports, for `rows_url`. */
export function reportsPath({ path }: CounterpartyPaths, id: string): string {
  return `${path.replace('{id}', id)}/reconciliations`;
}
