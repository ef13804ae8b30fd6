import { type Period, periodById, periodOf } from './periods.ts';
import type { ContractTerms } from './terms.ts';

/** Where something of a given instant is counted. */
export interface Placement {
  /** Id of the period that takes it. */
  readonly period: string;
  /** Id of the period that it belongs to by its instant, when that one was already cut; null otherwise. */
  readonly originalPeriod: string | null;
}

/** The contract's period around an instant. All versions of a contract have the same cycle and time zone. */
export function contractPeriodAt(versions: readonly ContractTerms[], instantMs: number): Period {
  const { cycle, timezone } = firstVersion(versions);
  return periodOf(cycle, timezone, instantMs);
}

/** The contract's period with this id, null when none begins on that day or the text is no date. */
export function contractPeriodById(versions: readonly ContractTerms[], id: string): Period | null {
  const { cycle, timezone } = firstVersion(versions);
  try {
    return periodById(cycle, timezone, id);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * The period of an instant, or the first one that is not cut.
 * @param open id of the contract's first period that still takes lines; undefined = none was cut
 */
export function place(versions: readonly ContractTerms[], instantMs: number, open: string | undefined): Placement {
  const own = contractPeriodAt(versions, instantMs).id;
  return open === undefined || own >= open
    ? { period: own, originalPeriod: null }
    : { period: open, originalPeriod: own };
}

/** The later of two period ids: their texts are in order of time. */
export function laterPeriod(a: string, b: string): string {
  return [a, b].sort()[1] ?? a;
}

function firstVersion(versions: readonly ContractTerms[]): ContractTerms {
  const [first] = versions;
  if (first === undefined) throw new RangeError('a contract has at least one version');
  return first;
}
