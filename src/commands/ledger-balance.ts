import Table from 'cli-table3';
import { balancesBookedBy, balancesEffectiveBy } from '../revenue/balances-at.ts';
import { toDecimal } from '../revenue/decimal-money.ts';
import { instant } from './ledger-export.ts';
import { withLedgers } from './ledger-room.ts';
import { UsageError } from './usage-error.ts';

export interface BalanceFlags {
  readonly partner: string;
  readonly at?: string;
  readonly effective?: string;
  readonly json?: boolean;
}

/**
 * Prints the balances of a counterparty's accounts as they stood at an instant.
 * @throws UsageError for flags that cannot be; ConfigError when the settings cannot be read
 */
export async function runLedgerBalance({ partner, at, effective, json }: BalanceFlags): Promise<void> {
  if (at !== undefined && effective !== undefined) throw new UsageError('--at (booked by) or --effective, not both');
  await withLedgers(async ({ store }) => {
    const { head, balances } =
      effective === undefined
        ? await balancesBookedBy(store, partner, at === undefined ? Number.MAX_SAFE_INTEGER : instant(at))
        : await balancesEffectiveBy(store, partner, instant(effective));
    const rows = [...balances].sort().map(([account, minor]) => ({ account, minor }));
    if (json === true) {
      const data = rows.map(({ account, minor }) => ({ account, balance: minor.toString() }));
      process.stdout.write(`${JSON.stringify({ partner, seq: head.seq, hash: head.hash, balances: data })}\n`);
      return;
    }
    const table = new Table({ head: ['account', 'balance'], colAligns: ['left', 'right'], style: { head: [] } });
    for (const { account, minor } of rows) table.push([account, toDecimal(minor, account.split('/')[1] ?? '')]);
    process.stdout.write(`${table.toString()}\nentry ${head.seq} ${head.hash}\n`);
  });
}
