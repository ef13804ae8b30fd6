import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { FUNDER_PATHS, PARTNER_PATHS } from './counterparty-paths.ts';
import { registerReadReconciliation } from './read-reconciliation.ts';
import { registerReconcileFile } from './reconcile-file.ts';
import { registerResolveRows } from './resolve-rows.ts';

/** Files of partners and of funders, compared with what is in their ledgers. */
export function registerReconciliations(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'revenue' | 'reconciliation' | 'audit' | 'logger'>,
): void {
  for (const paths of [PARTNER_PATHS, FUNDER_PATHS]) {
    registerReconcileFile(door, deps, paths);
    registerReadReconciliation(door, deps, paths);
    registerResolveRows(door, deps, paths);
  }
}
