import type { LedgerReader } from '../ledger-reader.ts';
import type { Statement } from '../statement.ts';
import { LocalDays } from './local-days.ts';
import type { OurLine } from './matching/sides.ts';
import { ourLine } from './our-line.ts';
import { Partitions } from './partitions.ts';
import type { RefKind } from './reading/guess-columns.ts';
import type { DatesOf } from './reconcile-options.ts';
import { ourCodec } from './side-codecs.ts';

const TELL_EVERY_LINES = 10_000;

/** A statement's lines, divided by reference. */
export interface OurSideRead {
  readonly partitions: Partitions<OurLine>;
  readonly sum: bigint;
  readonly count: number;
}

/** What the lines of a day, or of all days, come to. */
export interface OurSum {
  readonly lines: readonly OurLine[];
  readonly count: number;
}

/** Reads the lines of a statement page by page. Those without a reference have the key ''. */
export async function readOurSide(
  ledger: LedgerReader,
  counterpartyId: string,
  { contract, period }: Pick<Statement, 'contract' | 'period'>,
  as: {
    readonly folder: string;
    readonly partitions: number;
    readonly refKind: RefKind;
    readonly told: (lines: number) => void;
  },
): Promise<OurSideRead> {
  const partitions = new Partitions(as.folder, 'ours', as.partitions, ourCodec);
  const days = new LocalDays(period.timezone);
  let sum = 0n;
  let count = 0;
  for await (const line of ledger.linesOfPeriod(counterpartyId, contract, period.id)) {
    const our = ourLine(line, as.refKind, days);
    sum += our.amount;
    count += 1;
    await partitions.add(our.ref ?? '', our);
    if (count % TELL_EVERY_LINES === 0) as.told(count);
  }
  return { partitions, sum, count };
}

/**
 * Adds the lines of a statement up by day; of each day only its sum is kept.
 * @param byDay false = all days are one sum
 */
export async function sumOurSide(
  ledger: LedgerReader,
  counterpartyId: string,
  { contract, period }: Pick<Statement, 'contract' | 'period'>,
  as: { readonly datesOf: DatesOf; readonly byDay: boolean; readonly told: (lines: number) => void },
): Promise<{ readonly sums: ReadonlyMap<string, OurSum>; readonly sum: bigint }> {
  const days = new LocalDays(period.timezone);
  const sums = new Map<string, { line: OurLine; count: number }>();
  let sum = 0n;
  let count = 0;
  for await (const line of ledger.linesOfPeriod(counterpartyId, contract, period.id)) {
    const our = ourLine(line, 'commission_id', days);
    sum += our.amount;
    count += 1;
    if (count % TELL_EVERY_LINES === 0) as.told(count);
    const key = as.byDay ? (as.datesOf === 'payable_at' ? our.payable : our.occurred) : '';
    const before = sums.get(key);
    const amount = (before?.line.amount ?? 0n) + our.amount;
    const summed = { ...our, ref: null, rate: null, base: null, reverses: null, amount };
    sums.set(key, {
      line: before === undefined ? summed : { ...before.line, amount },
      count: (before?.count ?? 0) + 1,
    });
  }
  return { sums: new Map([...sums].map(([key, { line, count: n }]) => [key, { lines: [line], count: n }])), sum };
}
