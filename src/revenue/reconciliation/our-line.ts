import type { CommissionLine } from '../commission-line.ts';
import type { LocalDays } from './local-days.ts';
import type { OurLine } from './matching/sides.ts';
import type { RefKind } from './reading/guess-columns.ts';

/** A line of a statement as it is compared with rows that use a kind of reference. */
export function ourLine(line: CommissionLine, kind: RefKind, days: LocalDays): OurLine {
  return {
    id: line.id,
    ref: refOf(line, kind),
    amount: BigInt(line.amount),
    occurred: days.of(line.occurred_at),
    payable: days.of(line.payable_at),
    rate: line.rate,
    base: line.base === null ? null : BigInt(line.base),
    what: `${line.kind} ${line.on ?? ''} ${line.rule ?? ''}`,
    reverses: line.reverses,
  };
}

function refOf(line: CommissionLine, kind: RefKind): string | null {
  if (kind !== 'commission_id') return line[kind];
  // What corrects a line belongs to it.
  return line.reverses ?? line.id;
}
