/**
 * What postbacks have told of what something has earned, minor units as decimals. `told` has arrived; `sending` is on its way,
 * and said again in the same words if it has to be sent again; `last` is what the last one began from, for another postback
 * of the same event.
 */
interface Memory {
  readonly told: string;
  readonly sending?: { readonly event: string; readonly payout: string };
  readonly last?: { readonly event: string; readonly from: string };
}

/** Minor units: what has been earned so far, and by how much that is more than what arrived last. */
export interface Payout {
  readonly payout: bigint;
  readonly delta: bigint;
}

/** What a message tells, and what is remembered before it is sent and once it has arrived. */
export interface PayoutStep extends Payout {
  /** Absent = it is being sent again: nothing changes. */
  readonly before?: string;
  readonly after: string;
}

/**
 * @param text what is remembered of the thing; undefined = nothing was ever told
 * @param event id of the event that is told
 * @param earned minor units, as of now; asked only where the event is told for the first time
 */
export function payoutStep(text: string | undefined, event: string, earned: bigint): PayoutStep {
  const { told, sending, last }: Memory = text === undefined ? { told: '0' } : JSON.parse(text);
  if (text !== undefined && last?.event === event) {
    return { payout: BigInt(told), delta: BigInt(told) - BigInt(last.from), after: text };
  }
  const isAgain = sending?.event === event;
  const payout = isAgain ? BigInt(sending.payout) : earned;
  const after: Memory = { told: String(payout), last: { event, from: told } };
  const step = { payout, delta: payout - BigInt(told), after: JSON.stringify(after) };
  if (isAgain) return step;
  const before: Memory = { told, ...(last ? { last } : {}), sending: { event, payout: String(payout) } };
  return { ...step, before: JSON.stringify(before) };
}
