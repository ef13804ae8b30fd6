/**
 * One version of a contract: what a counterparty is paid for which event. Field names are those of the YAML files, so a
 * validated file is already one of these; the types here are deliberately no narrower than pricing needs.
 */
export interface ContractTerms {
  readonly id: string;
  /** Same contract = versions of it; different contracts run side by side, one statement each. */
  readonly contract: string;
  /** Legal entity of ours that pays. */
  readonly payer: string;
  /** First day in force, `YYYY-MM-DD`, from 00:00 in `timezone`. */
  readonly from: string;
  readonly price_at: 'application' | 'event';
  readonly currency: string;
  /** IANA zone in which days, periods and `from` are counted. */
  readonly timezone: string;
  readonly cycle: Cycle;
  /** Days after issue; silence until then is acceptance. */
  readonly accept_days: number;
  /** `days` from acceptance until payment is due; `min` in minor units, below which a statement is carried. */
  readonly payout: { readonly days: number; readonly min: number; readonly invoice: string };
  /** `rate` is a fraction ("0.06" = 6 %). */
  readonly tax: { readonly rate: string; readonly mode: 'exclusive' | 'inclusive' };
  /** `rate` is a fraction. */
  readonly withhold: { readonly rate: string };
  readonly rounding: Rounding;
  readonly rules: readonly CommissionRule[];
  readonly clawback: readonly ClawbackRule[];
  /** SHA-256 of the version as written in its file: kept once it has priced. Absent = its content is not watched over. */
  readonly fingerprint?: string;
}

export type Rounding = 'half_even' | 'half_up' | 'floor';

/** `month_end`, `half_month`, `daily`, `mon` … `sun`, or a day of the month 1–28; see `periodOf`. */
export type Cycle = string | number;

export interface CommissionRule {
  readonly id: string;
  /** Event type that the rule pays for. */
  readonly on: string;
  readonly when?: RulePredicates;
  readonly pay: Pay;
  /** applicant | application | loan | payment | visitor; a default by event type otherwise. */
  readonly once_per?: string;
  /** Days after the event before the money is payable, 0–730. */
  readonly hold_days?: number;
  /** Days from acceptance during which events earn; absent = as long as the credit lives. */
  readonly earn_days?: number;
  /** Rules of one group do not add up: the first match in file order pays. */
  readonly group?: string;
  /** Who must have paid the instalment; absent = anybody. */
  readonly payers?: readonly string[];
  readonly caps?: RuleCaps;
}

/** A single text stands for a list of one. */
export type OneOrMore = string | readonly string[];

/** All given predicates must hold. A fact that the event does not know never satisfies a predicate about it. */
export interface RulePredicates {
  readonly products?: OneOrMore;
  readonly lenders?: OneOrMore;
  readonly funders?: OneOrMore;
  readonly links?: OneOrMore;
  readonly via?: OneOrMore;
  readonly customer?: OneOrMore;
  readonly loan?: string;
  /** In the unit of the product (months or days), both ends included. */
  readonly term?: { readonly min?: number; readonly max?: number };
  /** GB/T 2260 codes or their leading digits ("44" = all of Guangdong). */
  readonly regions?: OneOrMore;
  readonly grades?: OneOrMore;
}

/** Exactly one of `fixed` (minor units), `percent` (of `of`), `tiers`. */
export interface Pay {
  readonly fixed?: number;
  readonly percent?: string;
  /** principal | received | amount | interest | penalty | fees | fees.<kind>; a list is their sum. */
  readonly of?: OneOrMore;
  /** Multiplies a percent of principal by term in months / 12. */
  readonly annualised?: boolean;
  readonly tiers?: readonly Tier[];
  /** What moves through the tiers: `amount` (Σ base, minor units) or `count` (lines). */
  readonly measure?: string;
  /** Span after which the counter starts again: `period`. */
  readonly over?: string;
  /** `marginal`: each part at its own tier; `whole`: everything at the tier reached, settled by one true-up. */
  readonly mode?: string;
}

/** `up_to` included, absent on the last. */
export interface Tier {
  readonly up_to?: number;
  readonly percent?: string;
  readonly fixed?: number;
}

/** At most one of the two limits is usual, both are allowed; `amount` in minor units. */
export interface RuleCaps {
  readonly count?: number;
  readonly amount?: number;
  /** day | month | period */
  readonly per: string;
}

/** Exactly one of `percent` (of the line, of its unexpired part with `pro_rata`) and `fixed` (minor units of each line). */
export interface ClawbackTake {
  readonly percent?: string;
  readonly fixed?: number;
  /** `unexpired_term`; beside a percent. */
  readonly pro_rata?: string;
}

export interface ClawbackRule {
  readonly on: string;
  readonly take: ClawbackTake;
  /** Days from the `occurred_at` that earned the line; absent = for ever. */
  readonly within_days?: number;
  /** Rule ids whose lines are taken back; absent = every line that the object earned. */
  readonly rules?: readonly string[];
}
