import { msOf } from '../../base/clock.ts';
import type { CommissionLine } from '../commission-line.ts';
import type { LedgerBatch } from '../ledger-batch.ts';
import { periodOf } from '../periods.ts';
import { isAccrual } from '../statement-line.ts';
import { type MarginBucket, type MarginKey, marginField } from './margin-field.ts';

/**
 * Adds a line, as it stands, to what its counterparty's business of a month comes to; with `sign` −1 it is taken out again,
 * before it changes. Written by the script that books the line, so that the sums are those of the lines at any moment.
 * @param timezone of the contract: decides the month in which the line is payable
 */
export function countMargin(batch: LedgerBatch, line: CommissionLine, timezone: string, sign: 1n | -1n = 1n): void {
  const key = marginKeyOf(line, timezone);
  if (key !== null) batch.countMargin(marginField(key), sign * BigInt(line.amount));
}

/** Where a line counts; null for one that is void. */
export function marginKeyOf(line: CommissionLine, timezone: string): MarginKey | null {
  const bucket = bucketOf(line);
  if (bucket === null) return null;
  const { currency, partner_id, product_id, lender_id, funder_id, link_code } = line;
  const month = periodOf('month_end', timezone, msOf(line.payable_at)).id.slice(0, 'YYYY-MM'.length);
  return { month, bucket, currency, partner_id, product_id, lender_id, funder_id, link_code };
}

function bucketOf({ status, kind }: CommissionLine): MarginBucket | null {
  if (status === 'void') return null;
  if (status === 'pending') return 'pending';
  return isAccrual(kind) ? 'accruals' : 'adjustments';
}
