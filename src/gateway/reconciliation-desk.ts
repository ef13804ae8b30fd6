import { join } from 'node:path';
import { HOUR_MS } from '../base/clock.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import { ReconciliationDesk } from '../revenue/reconciliation/reconciliation-desk.ts';
import { ReportStore } from '../revenue/reconciliation/report-store.ts';
import { RowFiles } from '../revenue/reconciliation/row-files.ts';
import { referenceLookup } from './reference-lookup.ts';
import type { Ground, Rooms } from './rooms.ts';

/** How often what is over is removed. */
const SWEEP_EVERY_MS = 6 * HOUR_MS;

/** What a desk stands on; a command has no more of it than this. */
export interface DeskGround extends Pick<Ground, 'config' | 'clock'> {
  readonly redis: Pick<Ground['redis'], 'client' | 'keys'>;
  readonly registry: Pick<Ground['registry'], 'current'>;
}

/** Where files of counterparties are compared; rows lie in the data folder, which gateways on several machines share. */
export function openReconciliationDesk(
  { config, redis, registry, clock }: DeskGround,
  { ledger, store, contractsOf }: Pick<Rooms, 'ledger' | 'store' | 'contractsOf'>,
): ReconciliationDesk {
  return new ReconciliationDesk({
    ledger,
    reports: new ReportStore(redis.client, redis.keys),
    files: new RowFiles(join(config.dataDir, 'reconciliations')),
    lookup: referenceLookup({ store, lenders: () => registry.current().lenders.keys() }),
    contractsOf,
    clock,
  });
}

/** Removes rows of reports that are over, now and then. */
export function reconciliationSweeper(
  desk: ReconciliationDesk,
  { registry, failed }: Pick<Ground, 'registry' | 'failed'>,
): Looker {
  const sweep = async (): Promise<void> => {
    await desk.sweep(() => registry.current().ledgerParties);
  };
  return lookNowAndThen(sweep, SWEEP_EVERY_MS, failed('reconciliations'));
}
