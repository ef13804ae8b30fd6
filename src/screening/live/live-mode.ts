import type { Lender } from '../../registry/schema/lender.ts';

/** Whether this lender is asked, at its core, about everybody whom we would let in. */
export function asksLive({ precheck }: Pick<Lender, 'precheck'>): boolean {
  return precheck.mode !== 'local';
}

/**
 * Whether our copy of the lender's customers decides. A lender that is asked live alone knows them better; claims, blocks and
 * product rules are ours in every mode.
 */
export function usesCustomerList({ precheck }: Pick<Lender, 'precheck'>): boolean {
  return precheck.mode !== 'live';
}
