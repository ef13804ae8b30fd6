import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkChain } from './checking/check-chain.ts';
import { checkLines, checkStrangers, MOVEMENT_CODEC } from './checking/check-lines.ts';
import { checkSettlements } from './checking/check-settlements.ts';
import { checkStatements } from './checking/check-statements.ts';
import { Differences, type LedgerDifference } from './checking/differences.ts';
import type { LineMovement } from './checking/line-movement.ts';
import type { LedgerReader } from './ledger-reader.ts';
import type { PeriodStore } from './period-store.ts';
import { Partitions } from './reconciliation/partitions.ts';
import type { VerifyStatementInput } from './verify-statement.ts';

export interface LedgerReport {
  readonly partnerId: string;
  readonly entries: number;
  readonly lines: number;
  readonly statements: number;
  readonly differences: readonly LedgerDifference[];
  /** More than were kept. */
  readonly differencesTotal: number;
}

export interface CheckLedgerDeps {
  readonly store: LedgerReader;
  readonly periods: PeriodStore;
  /** Our public keys: signatures by them are verified too. */
  readonly jwks?: VerifyStatementInput['jwks'];
  /** Told now and then how many entries were read, of how many. */
  progress?(done: number, total: number): void;
}

/** Lines that are folded at a time; the others wait on disk. */
const LINES_A_PART = 10_000;

/**
 * Replays a counterparty's whole chain and holds everything else against it: balances, every commission line, payments,
 * disputes, every locked statement. Memory does not grow with the ledger: what entries do to lines waits in files of a
 * temporary folder. Postings made meanwhile would look like differences: check a ledger that is at rest.
 */
export async function checkLedger(deps: CheckLedgerDeps, partnerId: string): Promise<LedgerReport> {
  const { store, periods, jwks } = deps;
  const differences = new Differences();
  const { head } = await store.readBook(partnerId);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-ledger-check-'));
  try {
    const parts = Math.max(1, Math.ceil(head.seq / LINES_A_PART));
    const movements = new Partitions<LineMovement>(folder, 'lines', parts, MOVEMENT_CODEC);
    const checks = { ...deps, movements, differences };
    const chain = await checkChain(checks, partnerId);
    await checkLines(checks, partnerId);
    await checkStrangers(checks, partnerId, 'lines', chain.found.lines);
    await checkStrangers(checks, partnerId, 'payments', chain.found.payments);
    await checkSettlements(checks, partnerId, chain.disputed);
    const statements = await checkStatements({ store, periods, jwks, differences }, partnerId, chain.locks);
    return {
      partnerId,
      entries: chain.entries,
      lines: await store.countOf(partnerId, 'lines'),
      statements,
      differences: differences.kept,
      differencesTotal: differences.total,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
