import { MEASURES } from '../funnel-step.ts';
import type { CountedClick } from './counted-click.ts';

/** Arrivals through one link on one business day: what they add to its partner's funnel. */
export interface ClickTally {
  readonly linkCode: string;
  readonly productId: string;
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Measure → how many; without billable ones, which a cap may bound. */
  readonly counts: ReadonlyMap<string, number>;
  /** Places of the clicks that are billable unless the link's cap is reached, in order. */
  readonly candidates: readonly string[];
}

export interface TallyRules {
  /** Business day of an instant, for a product. */
  readonly dayOf: (productId: string, atMs: number) => string;
  /** Whether billing is switched off there and then. */
  readonly isOff: (partnerId: string, linkCode: string, atMs: number) => boolean;
}

/**
 * What arrivals add to the funnels of their partners, by partner. Every arrival is raw; unique is a person's first in the
 * window; billable are the unique ones that went where the link leads, as far as its cap goes.
 */
export function tallyClicks(clicks: readonly CountedClick[], rules: TallyRules): ReadonlyMap<string, ClickTally[]> {
  const partners = new Map<string, Map<string, Tally>>();
  for (const click of clicks) {
    const { facts } = click;
    const day = rules.dayOf(facts.product_id, facts.at_ms);
    const key = `${day} ${facts.link_code} ${facts.product_id}`;
    const tallies = partners.get(facts.partner_id) ?? new Map<string, Tally>();
    const tally = tallies.get(key) ?? new Tally(facts, day);
    partners.set(facts.partner_id, tallies.set(key, tally));
    tally.add(click, rules);
  }
  return new Map([...partners].map(([partnerId, tallies]) => [partnerId, [...tallies.values()]]));
}

/** Whether an arrival is a person's first in its window. Robots, prefetches and HEAD are nobody's. */
export function isUnique({ repeats, facts }: CountedClick): boolean {
  return repeats === null && !facts.bot && !facts.speculative;
}

class Tally implements ClickTally {
  readonly linkCode: string;
  readonly productId: string;
  readonly day: string;
  readonly counts = new Map<string, number>();
  readonly candidates: string[] = [];

  constructor({ link_code: linkCode, product_id: productId }: CountedClick['facts'], day: string) {
    this.linkCode = linkCode;
    this.productId = productId;
    this.day = day;
  }

  add(click: CountedClick, { isOff }: TallyRules): void {
    const { facts } = click;
    this.#count(MEASURES.clicksRaw);
    if (facts.cause !== null) this.#count(`${MEASURES.clicksDiverted}${facts.cause}`);
    if (facts.entry !== null) this.#count(`${MEASURES.clicksEntry}${facts.entry}`);
    if (!isUnique(click)) return;
    this.#count(MEASURES.clicksUnique);
    if (facts.cause !== null) return;
    if (isOff(facts.partner_id, facts.link_code, facts.at_ms)) this.#count(MEASURES.clicksHeld);
    else this.candidates.push(click.position);
  }

  #count(measure: string): void {
    this.counts.set(measure, (this.counts.get(measure) ?? 0) + 1);
  }
}
