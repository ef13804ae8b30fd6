import { plusDays, startOfLocalDay } from './calendar.ts';
import type { CloseOutcome } from './close-outcome.ts';
import type { PeriodCloser } from './close-period.ts';
import type { ContractsOf } from './commission-projection.ts';
import { contractPeriodById } from './contract-calendar.ts';
import type { PeriodStore } from './period-store.ts';
import type { ContractTerms, Cycle } from './terms.ts';
import { byContract } from './version-in-force.ts';

export interface ClosingsDeps {
  readonly closer: PeriodCloser;
  readonly periods: PeriodStore;
  readonly contractsOf: ContractsOf;
  partners(): Iterable<string>;
}

export interface ClosingsRequest {
  /** Only contracts with this cycle; absent = all. */
  readonly cycle?: Cycle;
  /** Last day, `YYYY-MM-DD`: periods that end with it or earlier are closed. */
  readonly to: string;
  readonly actor: string;
}

/** What became of one period. */
export interface ClosingResult {
  readonly partner_id: string;
  readonly contract: string;
  readonly period: string;
  /** `review` when somebody else must lock it. */
  readonly result: 'locked' | 'review' | 'blocked' | 'refused';
  readonly statement_id: string | null;
  readonly code: string | null;
  readonly detail: string | null;
}

/**
 * Closes every period that has something in it and ends by a day, of all counterparties, each as far as it goes: into review,
 * and locked where the operator may. The first period of a contract that cannot be locked ends that contract's row.
 */
export async function closePeriods(deps: ClosingsDeps, request: ClosingsRequest): Promise<ClosingResult[]> {
  const results: ClosingResult[] = [];
  for (const partnerId of deps.partners()) {
    for (const versions of byContract(deps.contractsOf(partnerId) ?? [])) {
      const cycle = versions[0]?.cycle;
      if (request.cycle !== undefined && String(request.cycle) !== String(cycle)) continue;
      results.push(...(await closeContract(deps, request, partnerId, versions)));
    }
  }
  return results;
}

async function closeContract(
  { closer, periods }: ClosingsDeps,
  { to, actor }: ClosingsRequest,
  partnerId: string,
  versions: readonly ContractTerms[],
): Promise<ClosingResult[]> {
  const [terms] = versions;
  if (terms === undefined) return [];
  const { contract, timezone } = terms;
  const endMs = startOfLocalDay(plusDays(to, 1), timezone);
  const results: ClosingResult[] = [];
  const { records, movements } = await periods.periodsOf(partnerId, contract);
  for (const record of records.values()) {
    const period = contractPeriodById(versions, record.id);
    if (record.state === 'locked' || record.state === 'passed' || period === null || period.toMs > endMs) continue;
    if (record.state === 'open' && (await periods.isEmpty(partnerId, contract, record.id, movements.get(record.id)))) {
      continue;
    }
    const target = { partnerId, contract, period: record.id, actor };
    const reviewed = await closer.review(target);
    const locked = reviewed.result === 'done' ? await closer.lock(target) : reviewed;
    results.push(resultOf(target, reviewed, locked));
    if (locked.result !== 'done') break;
  }
  return results;
}

function resultOf(
  { partnerId, contract, period }: { partnerId: string; contract: string; period: string },
  reviewed: CloseOutcome,
  locked: CloseOutcome,
): ClosingResult {
  const row = { partner_id: partnerId, contract, period, code: null, detail: null };
  const statementId = reviewed.result === 'done' ? reviewed.statement.id : null;
  if (locked.result === 'done') return { ...row, result: 'locked', statement_id: statementId };
  if (locked.result === 'refused') {
    const { code, detail } = locked;
    return {
      ...row,
      result: reviewed.result === 'done' ? 'review' : 'refused',
      statement_id: statementId,
      code,
      detail,
    };
  }
  const detail = locked.blockers.map((blocker) => `${blocker.code}: ${blocker.detail}`).join('; ');
  return { ...row, result: 'blocked', statement_id: statementId, code: 'period_blocked', detail };
}
