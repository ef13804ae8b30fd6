import { type AccountName, account } from './accounts.ts';
import { jsonMinor } from './commission-line.ts';
import type { ContractTerms } from './terms.ts';
import { byContract } from './version-in-force.ts';

/** Where a counterparty's money stands under one contract; minor units. */
export interface BalanceView {
  readonly contract: string;
  readonly currency: string;
  /** Earned, held. */
  readonly pending: number;
  /** Earned, not on a locked statement. */
  readonly payable: number;
  /** On locked statements, unpaid, after tax and withholding. */
  readonly stated: number;
  readonly paid: number;
}

/** One row a contract, those without a movement too. Throws RangeError for a balance beyond 2^53. */
export function balanceView(contracts: readonly ContractTerms[], balances: ReadonlyMap<string, bigint>): BalanceView[] {
  return byContract(contracts).flatMap(([terms]) => {
    if (terms === undefined) return [];
    const { contract, currency } = terms;
    const minor = (name: AccountName) => jsonMinor(balances.get(account({ contract, currency }, name)) ?? 0n);
    return [
      {
        contract,
        currency,
        pending: minor('pending'),
        payable: minor('payable'),
        stated: minor('stated'),
        paid: minor('paid'),
      },
    ];
  });
}
