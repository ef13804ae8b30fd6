import { z } from '@hono/zod-openapi';
import { ProblemError } from '../../../http/problem.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import type { ContractTerms } from '../../../revenue/terms.ts';

const PARTY_ID = /^[a-z][a-z0-9-]{1,31}$/;

/** The partner of a path. */
export const partnerParam = {
  id: z
    .string()
    .regex(PARTY_ID, 'must be the id of a partner')
    .openapi({ description: 'Partner', example: 'acme', param: { name: 'id', in: 'path' } }),
};

/**
 * All versions of all contracts of a partner.
 * @throws ProblemError 404
 */
export function contractsOfPartner(desk: Pick<RevenueDesk, 'contractsOf'>, id: string): readonly ContractTerms[] {
  const contracts = desk.contractsOf(id);
  if (contracts === undefined) throw new ProblemError('not_found', `there is no partner ${id}`);
  return contracts;
}

/**
 * The contract that a request is about: the one it names, or the only one.
 * @throws ProblemError 422 `unknown_contract`
 */
export function contractNamed(contracts: readonly ContractTerms[], named: string | undefined): string {
  const known = [...new Set(contracts.map(({ contract }) => contract))];
  const [only] = known;
  if (named === undefined && known.length === 1 && only !== undefined) return only;
  if (named !== undefined && known.includes(named)) return named;
  const detail = known.length === 0 ? 'the partner has no terms' : `name one with ?contract=: ${known.join(', ')}`;
  throw new ProblemError('unknown_contract', detail);
}

/** Query parameter of operations on one contract. */
export const contractQuery = {
  contract: z
    .string()
    .max(64)
    .optional()
    .openapi({ description: 'Contract; may be left out where the partner has one', example: 'main' }),
};
