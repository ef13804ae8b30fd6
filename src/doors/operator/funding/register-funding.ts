import { registerReadCost } from '../margin/read-cost.ts';
import { registerReadMargin } from '../margin/read-margin.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { registerClosePeriod } from '../periods/close-period.ts';
import { registerListPeriods } from '../periods/list-periods.ts';
import { FUNDER_SIDE } from '../revenue/ledger-side.ts';
import { registerFunderRevenue } from '../revenue/partner-revenue.ts';
import { registerPartnerStatement } from '../revenue/partner-statement.ts';
import { registerPartnerStatementFiles } from '../revenue/partner-statement-files.ts';
import { registerPaymentBatch } from '../settlement/payment-batch.ts';
import { registerPayments } from '../settlement/payments.ts';
import { registerPostAdjustment } from '../settlement/post-adjustment.ts';

/** `/admin/v1/funders/{id}/…`: the books of those who pay us, by the operations that partners have; what is left of both sides. */
export function registerFunding(door: OperatorDoor, deps: OperatorDeps): void {
  registerListPeriods(door, deps, FUNDER_SIDE);
  registerClosePeriod(door, deps, FUNDER_SIDE);
  registerFunderRevenue(door, deps);
  registerPartnerStatement(door, deps, FUNDER_SIDE);
  registerPartnerStatementFiles(door, deps, FUNDER_SIDE);
  registerPayments(door, deps, FUNDER_SIDE);
  registerPaymentBatch(door, deps, FUNDER_SIDE);
  registerPostAdjustment(door, deps, FUNDER_SIDE);
  registerReadMargin(door, deps);
  registerReadCost(door, deps);
}
