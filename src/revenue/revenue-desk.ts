import type { Clock } from '../base/clock.ts';
import type { PeriodCloser } from './close-period.ts';
import type { ClosingsDeps } from './closings.ts';
import type { ContractsOf } from './commission-projection.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { PeriodStore } from './period-store.ts';
import type { CompactJwsSigner } from './sign-statement.ts';

/** What those who show and close the books work with. */
export interface RevenueDesk extends ClosingsDeps {
  readonly ledger: LedgerStore;
  readonly periods: PeriodStore;
  readonly closer: PeriodCloser;
  readonly contractsOf: ContractsOf;
  readonly clock: Clock;
  /** Signs what leaves the house about money. */
  readonly sign: CompactJwsSigner;
  /** Whether a counterparty's payouts are held: it is suspended or terminated. */
  readonly arePayoutsHeld: (partnerId: string) => boolean;
}
