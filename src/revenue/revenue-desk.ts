import type { Clock } from '../base/clock.ts';
import type { PeriodCloser } from './close-period.ts';
import type { ClosingsDeps } from './closings.ts';
import type { ContractsOf } from './commission-projection.ts';
import type { LedgerReader } from './ledger-reader.ts';
import type { PeriodStore } from './period-store.ts';

/** What those who show and close the books work with. */
export interface RevenueDesk extends ClosingsDeps {
  readonly ledger: LedgerReader;
  readonly periods: PeriodStore;
  readonly closer: PeriodCloser;
  readonly contractsOf: ContractsOf;
  readonly clock: Clock;
}
