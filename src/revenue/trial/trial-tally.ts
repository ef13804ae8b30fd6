import { localDate } from '../calendar.ts';
import { contractPeriodById } from '../contract-calendar.ts';
import { deductionsOn } from '../statement.ts';
import type { ContractTerms } from '../terms.ts';
import { byContract, versionInForce } from '../version-in-force.ts';
import type { TrialLine } from './terms-trial.ts';

/** What one rule pays, or what is taken back of it; minor units. */
export interface TallyRow {
  readonly contract: string;
  readonly currency: string;
  readonly rule: string;
  readonly what: 'earned' | 'taken_back' | 'settled';
  /** Lines that count; those over a cap are in `capped`. */
  lines: number;
  capped: number;
  base: bigint;
  amount: bigint;
}

/** Of all rules of a contract; minor units. */
export interface TallyTotal {
  readonly contract: string;
  readonly currency: string;
  readonly amount: bigint;
  /** On top, where the terms say so: by period, rounded once each. */
  readonly tax: bigint;
  readonly withheld: bigint;
}

const MONTH_LENGTH = 'YYYY-MM'.length;

/** Adds the lines of a trial up, by contract and rule. */
export class TrialTally {
  readonly #contracts: readonly ContractTerms[];
  readonly #month: string | null;
  readonly #rows = new Map<string, TallyRow>();
  readonly #nets = new Map<string, Map<string, bigint>>();
  readonly #zones: ReadonlyMap<string, string>;

  /** @param month `YYYY-MM`, of `payable_at` in the contract's time zone; null = all lines */
  constructor(contracts: readonly ContractTerms[], month: string | null) {
    this.#contracts = contracts;
    this.#month = month;
    this.#zones = new Map(contracts.map(({ contract, timezone }) => [contract, timezone]));
  }

  /** Counts a line. @returns whether it is one of the month */
  add(line: TrialLine): boolean {
    const zone = this.#zones.get(line.contract) ?? 'UTC';
    if (this.#month !== null && localDate(line.payableAtMs, zone).slice(0, MONTH_LENGTH) !== this.#month) return false;
    const row = this.#rowOf(line);
    if (line.voidReason === null) row.lines += 1;
    else row.capped += 1;
    if (line.voidReason === null && line.kind === 'accrual') row.base += line.base ?? 0n;
    row.amount += line.amount;
    const nets = this.#nets.get(line.contract) ?? new Map<string, bigint>();
    nets.set(line.period, (nets.get(line.period) ?? 0n) + line.amount);
    this.#nets.set(line.contract, nets);
    return true;
  }

  /** In order of contracts and rules as the files have them. */
  rows(): TallyRow[] {
    return [...this.#rows.values()].sort((a, b) => this.#placeOf(a) - this.#placeOf(b) || whatOrder(a) - whatOrder(b));
  }

  totals(): TallyTotal[] {
    return byContract(this.#contracts).flatMap((versions): TallyTotal[] => {
      const [first] = versions;
      if (first === undefined) return [];
      const total = { amount: 0n, tax: 0n, withheld: 0n };
      for (const [id, net] of this.#nets.get(first.contract) ?? []) {
        const period = contractPeriodById(versions, id);
        const terms = (period && versionInForce(versions, period.toMs - 1)) ?? first;
        const { tax, withheld } = deductionsOn(net, terms);
        total.amount += net;
        total.tax += tax;
        total.withheld += withheld;
      }
      return [{ contract: first.contract, currency: first.currency, ...total }];
    });
  }

  #rowOf({ contract, currency, rule, kind }: TrialLine): TallyRow {
    const what = kind === 'accrual' ? 'earned' : kind === 'true_up' ? 'settled' : 'taken_back';
    const key = [contract, rule, what].join(' ');
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row: TallyRow = { contract, currency, rule, what, lines: 0, capped: 0, base: 0n, amount: 0n };
    this.#rows.set(key, row);
    return row;
  }

  #placeOf({ contract, rule }: TallyRow): number {
    const rules = this.#contracts.flatMap((terms) => terms.rules.map(({ id }) => `${terms.contract} ${id}`));
    return rules.indexOf(`${contract} ${rule}`);
  }
}

const ORDER: readonly TallyRow['what'][] = ['earned', 'settled', 'taken_back'];

function whatOrder({ what }: TallyRow): number {
  return ORDER.indexOf(what);
}
