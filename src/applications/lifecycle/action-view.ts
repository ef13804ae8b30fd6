import type { NextAction } from '../model.ts';
import type { LoanAction } from './dated.ts';

/** An action as the contract shows it: which loan waits for it is told by where it stands. */
export function actionView(action: LoanAction | null): NextAction | null {
  if (action === null) return null;
  const { loan_id: _, ...shown } = action;
  return shown;
}
