import type { ApplicationStore } from '../applications/store.ts';
import type { RegistrationStore } from '../attribution/registration-store.ts';
import { type OtherRules, simulateAttribution } from '../attribution/simulate-attribution.ts';
import { isoOf } from '../base/clock.ts';
import { isId } from '../base/ids.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { LedgerReader } from '../revenue/ledger-reader.ts';
import { lineIndex } from '../revenue/slot.ts';

export interface SimulationDeps {
  readonly store: Pick<ApplicationStore, 'load'>;
  readonly registrations: Pick<RegistrationStore, 'load'>;
  readonly ledger: Pick<LedgerReader, 'linesByTimePage'>;
}

/** Whose commissions of which time. */
export interface SimulatedPeriod {
  readonly partnerIds: readonly string[];
  /** `occurred_at` within [from, to). */
  readonly fromMs: number;
  readonly toMs: number;
}

/** What would be paid to another partner, or to nobody, by whom it is paid to now. */
export interface Move {
  readonly from: string;
  /** null = nobody. */
  readonly to: string | null;
  /** Applications and registrations. */
  readonly introductions: number;
  /** Minor units by currency, as they were booked: under the terms of the partner that earns them now. */
  readonly amounts: Readonly<Record<string, number>>;
}

export interface CommissionSimulation {
  /** Sorted by `from`, then `to`; those that stay are there with `from` = `to`. */
  readonly moves: readonly Move[];
  readonly introductions: number;
  readonly changed: number;
  readonly lines: number;
  /** Partners with more commissions than one answer looks at, and the instant before which they were not looked at. */
  readonly cutAt: Readonly<Record<string, string>>;
}

const PAGE = 500;
/** Of one partner in one answer. Newest first; the rest is asked for with an earlier `to`. */
const LINES_MAX = 10_000;
const AT_ONCE = 32;

interface Earned {
  readonly introduction: string;
  readonly amounts: Map<string, bigint>;
}

interface Moving extends Omit<Move, 'introductions' | 'amounts'> {
  introductions: number;
  readonly amounts: Map<string, bigint>;
}

/**
 * To whom other rules would have given the commissions of a time, from the verdicts that are stored. Reads only, page by
 * page. What pays nobody now is not in the books, and so not in here.
 */
export async function simulateCommissions(
  deps: SimulationDeps,
  period: SimulatedPeriod,
  rules: OtherRules,
): Promise<CommissionSimulation> {
  const moves = new Map<string, Moving>();
  const cutAt: Record<string, string> = {};
  const sums = { introductions: 0, changed: 0, lines: 0 };
  for (const from of period.partnerIds) {
    const { earned, lines, cut } = await earnedBy(deps, from, period);
    sums.lines += lines;
    if (cut !== null) cutAt[from] = cut;
    const winners = await mapBounded(earned, AT_ONCE, async ({ introduction }) => winnerOf(deps, introduction, rules));
    for (const [index, { amounts }] of earned.entries()) {
      const to = winners[index];
      if (to === undefined) continue;
      sums.introductions += 1;
      if (to !== from) sums.changed += 1;
      const key = JSON.stringify([from, to]);
      const move = moves.get(key) ?? { from, to, introductions: 0, amounts: new Map() };
      moves.set(key, move);
      move.introductions += 1;
      for (const [currency, amount] of amounts) add(move.amounts, currency, amount);
    }
  }
  const sorted = [...moves.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, move]) => toMove(move));
  return { moves: sorted, ...sums, cutAt };
}

/** Commissions of a partner by what they are for. Clicks are paid for without anybody having been introduced: left out. */
async function earnedBy(
  { ledger }: SimulationDeps,
  partnerId: string,
  { fromMs, toMs }: SimulatedPeriod,
): Promise<{ earned: readonly Earned[]; lines: number; cut: string | null }> {
  const earned = new Map<string, Earned>();
  let before: string | null = null;
  let lines = 0;
  let cut: string | null = null;
  for (;;) {
    const page = await ledger.linesByTimePage(partnerId, isoOf(fromMs), isoOf(toMs), before, PAGE);
    for (const line of page.lines) {
      lines += 1;
      before = lineIndex.time(line);
      const { application_id: introduction, status, currency, amount } = line;
      if (introduction === null || status === 'void') continue;
      const one = earned.get(introduction) ?? { introduction, amounts: new Map<string, bigint>() };
      earned.set(introduction, one);
      add(one.amounts, currency, BigInt(amount));
    }
    if (page.members.length < PAGE) break;
    if (lines < LINES_MAX) continue;
    cut = page.lines.at(-1)?.occurred_at ?? null;
    break;
  }
  return { earned: [...earned.values()], lines, cut };
}

/** Who would have earned it; undefined when its verdict is not known. */
async function winnerOf(
  { store, registrations }: SimulationDeps,
  id: string,
  rules: OtherRules,
): Promise<string | null | undefined> {
  let verdict: AttributionVerdict | undefined;
  if (isId('app', id)) verdict = (await store.load(id))?.application.attribution;
  else if (isId('reg', id)) verdict = (await registrations.load(id))?.attribution;
  return verdict && simulateAttribution(verdict, rules).partner_id;
}

function toMove({ amounts, ...move }: Moving): Move {
  return { ...move, amounts: Object.fromEntries([...amounts].map(([currency, sum]) => [currency, Number(sum)])) };
}

function add(amounts: Map<string, bigint>, currency: string, amount: bigint): void {
  amounts.set(currency, (amounts.get(currency) ?? 0n) + amount);
}
