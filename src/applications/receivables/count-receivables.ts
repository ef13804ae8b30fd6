import type { Application } from '../model.ts';
import { type ReceivableBucket, receivableAt } from './receivable-at.ts';

/** Loans of one product, funder, partner and bucket, and what is owed on them. */
export interface ReceivableRow {
  readonly product_id: string;
  readonly funder_id: string | null;
  /** The attributed partner; null = nobody introduced them. */
  readonly partner_id: string | null;
  readonly bucket: ReceivableBucket;
  readonly currency: string;
  readonly loans: number;
  /** Principal, minor units. */
  readonly outstanding: number;
  /** Minor units. */
  readonly overdue: number;
}

/** Adds applications up to rows: as many as there are combinations, however many loans. */
export class ReceivableCount {
  readonly #rows = new Map<string, ReceivableRow>();

  /** @param endsAt and day as in {@link receivableAt}, in the zone of the application's product */
  add(application: Application, endsAt: string, day: string): void {
    for (const loan of application.loans) {
      const owed = receivableAt(loan, endsAt, day);
      if (!owed) continue;
      const place = {
        product_id: application.product_id,
        funder_id: loan.funder_id,
        partner_id: application.attribution.partner_id,
        bucket: owed.bucket,
        currency: loan.amount.currency,
      };
      const key = JSON.stringify(Object.values(place));
      const { loans = 0, outstanding = 0, overdue = 0 } = this.#rows.get(key) ?? {};
      this.#rows.set(key, {
        ...place,
        loans: loans + 1,
        outstanding: outstanding + owed.outstanding,
        overdue: overdue + owed.overdue,
      });
    }
  }

  /** In a fixed order. */
  rows(): readonly ReceivableRow[] {
    return [...this.#rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
  }
}
