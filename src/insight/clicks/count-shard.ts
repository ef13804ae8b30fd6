import { isoOf } from '../../base/clock.ts';
import type { NewEvent } from '../../events/event.ts';
import { isBefore } from '../../events/log.ts';
import type { ClickCounts } from './click-counts.ts';
import type { CountedClick } from './counted-click.ts';
import { type TallyRules, tallyClicks } from './tally-clicks.ts';

export interface CountRules extends TallyRules {
  /** Billable clicks a day that a link may have; null = any number. */
  readonly capOf: (linkCode: string) => number | null | Promise<number | null>;
  /** Whether a partner is paid for clicks under any version of its terms. */
  readonly isPaidPerClick: (partnerId: string) => boolean;
  /** Business time. */
  readonly nowMs: () => number;
}

/**
 * Counts consecutive arrivals of one shard: adds them to their partners' funnels, then writes the events of billable ones
 * together with the new place. Whatever breaks off in between is done by whoever counts the same arrivals again.
 * @param from place after which they lie, as it was read
 * @param clicks at least one
 * @returns the new place; null when somebody else has counted them meanwhile
 */
export async function countShard(
  counts: ClickCounts,
  rules: CountRules,
  { shard, from, clicks }: { readonly shard: number; readonly from: string; readonly clicks: readonly CountedClick[] },
): Promise<string | null> {
  const byPartner = new Map<string, CountedClick[]>();
  for (const click of clicks) {
    const { partner_id: partnerId } = click.facts;
    const own = byPartner.get(partnerId);
    if (own === undefined) byPartner.set(partnerId, [click]);
    else own.push(click);
  }
  const due = await Promise.all(
    [...byPartner].map(([partnerId, own]) => countPartner(counts, rules, { shard, from, partnerId, clicks: own })),
  );
  const last = clicks.at(-1)?.position ?? from;
  const places = new Set(due.flat());
  const now = isoOf(rules.nowMs());
  const events =
    places.size === 0 ? [] : clicks.filter(({ position }) => places.has(position)).map((one) => eventOf(one, now));
  return (await counts.finish(shard, from, last, events)) ? last : null;
}

/** @returns places of the billable clicks among them that are paid for */
async function countPartner(
  counts: ClickCounts,
  rules: CountRules,
  {
    shard,
    from,
    partnerId,
    clicks,
  }: {
    readonly shard: number;
    readonly from: string;
    readonly partnerId: string;
    readonly clicks: readonly CountedClick[];
  },
): Promise<readonly string[]> {
  let after = from;
  let due: readonly string[] = [];
  for (;;) {
    const left = clicks.filter(({ position }) => isBefore(after, position));
    const last = left.at(-1)?.position;
    if (last === undefined) return due;
    const tallies = await Promise.all(
      (tallyClicks(left, rules).get(partnerId) ?? []).map(async (tally) => ({
        ...tally,
        cap: await rules.capOf(tally.linkCode),
      })),
    );
    const isPaid = rules.isPaidPerClick(partnerId);
    const added = await counts.add(partnerId, { shard, after, last, tallies, isPaid, due });
    // What was due before this shard's place has been written with it.
    due = added.due.filter((place) => isBefore(from, place));
    if (added.ok) return due;
    after = added.last;
  }
}

function eventOf({ id, facts }: CountedClick, recordedAt: string): NewEvent {
  return {
    type: 'click.recorded',
    subject: id,
    occurred_at: isoOf(facts.at_ms),
    recorded_at: recordedAt,
    data: {
      link_code: facts.link_code,
      partner_id: facts.partner_id,
      product_id: facts.product_id,
      lender_id: facts.lender_id,
      visitor: facts.visitor,
      billable: true,
    },
    context: null,
  };
}
