import Table from 'cli-table3';
import pc from 'picocolors';
import { isoOf } from '../base/clock.ts';
import { toDecimal } from '../revenue/decimal-money.ts';
import type { TrialLine } from '../revenue/trial/terms-trial.ts';
import type { TallyRow, TallyTotal } from '../revenue/trial/trial-tally.ts';

interface Tallied {
  readonly rows: readonly TallyRow[];
  readonly totals: readonly TallyTotal[];
}

/** What came of trying terms. */
export interface TriedTerms {
  readonly partnerId: string;
  readonly month: string | null;
  readonly events: number;
  readonly fresh: Tallied;
  /** By the partner's own file; null = it has none. */
  readonly present: Tallied | null;
  readonly unpriced: readonly { readonly problem: string; readonly count: number }[];
}

const WHAT: Readonly<Record<TallyRow['what'], string>> = {
  earned: 'earned',
  settled: 'settled',
  taken_back: 'taken back',
};
const HEAD = ['contract', 'rule', '', 'lines', 'over cap', 'base', 'new terms', 'present', 'difference'];
/** Rows stand close together. */
const NO_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** A table for people: a row a rule, then the sum and the tax of each contract. */
export function trialTables(tried: TriedTerms): string {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const table = new Table({ head: HEAD, chars: NO_LINES, style: { head: [], border: [] } });
  for (const { fresh, present, ...of } of pairs(tried)) {
    const row = fresh ?? present;
    if (row === undefined) continue;
    table.push([
      of.contract,
      of.rule,
      WHAT[of.what],
      ...[String(fresh?.lines ?? 0), String(fresh?.capped ?? 0)].map(right),
      right(toDecimal(fresh?.base ?? 0n, row.currency)),
      ...amounts(row.currency, fresh?.amount ?? 0n, tried.present === null ? null : (present?.amount ?? 0n)),
    ]);
  }
  for (const { contract, currency, fresh, present } of totals(tried)) {
    const of = (name: 'amount' | 'tax' | 'withheld') => {
      return amounts(currency, fresh?.[name] ?? 0n, tried.present === null ? null : (present?.[name] ?? 0n));
    };
    table.push([contract, '', colours.bold(`all, ${currency}`), '', '', '', ...of('amount')]);
    if (hasAny(fresh?.tax, present?.tax)) table.push([contract, '', 'tax on top', '', '', '', ...of('tax')]);
    if (hasAny(fresh?.withheld, present?.withheld)) {
      table.push([contract, '', 'withheld', '', '', '', ...of('withheld')]);
    }
  }
  const when = tried.month === null ? 'all that is payable' : `payable in ${tried.month}`;
  const against = tried.present === null ? '; the partner has no terms yet' : '';
  return `${tried.partnerId}, ${when}, ${tried.events} events${against}\n${table.toString()}\n`;
}

/** The same for programs; amounts in minor units. @param isBegun the document has begun with its lines */
export function trialJson(tried: TriedTerms, isBegun: boolean): string {
  const rules = pairs(tried).map(({ fresh, present, ...of }) => ({
    ...of,
    currency: (fresh ?? present)?.currency ?? null,
    new: fresh === undefined ? null : jsonRow(fresh),
    present: present === undefined ? null : jsonRow(present),
    difference: Number((fresh?.amount ?? 0n) - (present?.amount ?? 0n)),
  }));
  const contracts = totals(tried).map(({ contract, currency, fresh, present }) => ({
    contract,
    currency,
    new: fresh === undefined ? null : jsonTotal(fresh),
    present: present === undefined ? null : jsonTotal(present),
  }));
  const { partnerId, month, events, unpriced } = tried;
  const document = { partner: partnerId, month, events, rules, contracts, unpriced };
  const text = JSON.stringify(document, null, 2);
  return isBegun ? `\n],${text.slice(1)}\n` : `${text}\n`;
}

/** One line, as JSON or for people. */
export function lineText(line: TrialLine, isJson: boolean): string {
  const { contract, rule, kind, on, currency, applicationId, loanId, why, voidReason } = line;
  const [occurred, payable] = [isoOf(line.occurredAtMs), isoOf(line.payableAtMs)];
  if (!isJson) {
    const amount = toDecimal(line.amount, currency).padStart(AMOUNT_WIDTH);
    return [payable, contract, rule, kind, amount, currency, loanId ?? applicationId ?? '-', why].join('  ');
  }
  return JSON.stringify({
    contract,
    terms_id: line.termsId,
    rule,
    kind,
    on,
    base: line.base === null ? null : Number(line.base),
    rate: line.rate,
    amount: Number(line.amount),
    currency,
    occurred_at: occurred,
    payable_at: payable,
    period: line.period,
    reason: voidReason,
    application_id: applicationId,
    loan_id: loanId,
    why,
  });
}

const AMOUNT_WIDTH = 14;

interface Pair {
  readonly contract: string;
  readonly rule: string;
  readonly what: TallyRow['what'];
  readonly fresh: TallyRow | undefined;
  readonly present: TallyRow | undefined;
}

/** Rules side by side: those of the new terms, then what only the present ones have. */
function pairs({ fresh, present }: TriedTerms): Pair[] {
  const keyOf = ({ contract, rule, what }: TallyRow): string => `${contract} ${rule} ${what}`;
  const before = new Map((present?.rows ?? []).map((row) => [keyOf(row), row]));
  const after = new Set(fresh.rows.map(keyOf));
  return [
    ...fresh.rows.map((row) => ({ ...nameOf(row), fresh: row, present: before.get(keyOf(row)) })),
    ...[...before].flatMap(([key, row]) =>
      after.has(key) ? [] : [{ ...nameOf(row), fresh: undefined, present: row }],
    ),
  ];
}

function nameOf({ contract, rule, what }: TallyRow): Pick<Pair, 'contract' | 'rule' | 'what'> {
  return { contract, rule, what };
}

function totals({ fresh, present }: TriedTerms) {
  const names = [...new Set([...fresh.totals, ...(present?.totals ?? [])].map(({ contract }) => contract))];
  return names.map((contract) => {
    const of = (tallied: Tallied | null) => tallied?.totals.find((total) => total.contract === contract);
    const [after, before] = [of(fresh), of(present)];
    return { contract, currency: (after ?? before)?.currency ?? '', fresh: after, present: before };
  });
}

function amounts(currency: string, fresh: bigint, present: bigint | null) {
  const texts = [fresh, present, present === null ? null : fresh - present].map((minor) =>
    minor === null ? '-' : toDecimal(minor, currency),
  );
  return texts.map(right);
}

function right(content: string): { content: string; hAlign: 'right' } {
  return { content, hAlign: 'right' };
}

function hasAny(...minor: readonly (bigint | undefined)[]): boolean {
  return minor.some((amount) => amount !== undefined && amount !== 0n);
}

function jsonRow({ lines, capped, base, amount }: TallyRow) {
  return { lines, capped, base: Number(base), amount: Number(amount) };
}

function jsonTotal({ amount, tax, withheld }: TallyTotal) {
  return { amount: Number(amount), tax: Number(tax), withheld: Number(withheld) };
}
