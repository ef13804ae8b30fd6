import { calendarDaysBetween } from './calendar.ts';
import type { MoneyEvent } from './money-event.ts';
import type { CommissionRule, ContractTerms, OneOrMore, RulePredicates } from './terms.ts';

/**
 * The rules of one version that an event satisfies, in file order. Of rules that share a `group` only the first match
 * stays: whether it has already paid (`once_per`) is no reason to fall through to the next.
 */
export function matchRules(terms: ContractTerms, event: MoneyEvent): CommissionRule[] {
  const groups = new Set<string>();
  return terms.rules.filter((rule) => {
    if (rule.on !== event.type || !matches(terms, rule, event)) return false;
    if (rule.group === undefined) return true;
    if (groups.has(rule.group)) return false;
    groups.add(rule.group);
    return true;
  });
}

function matches(terms: ContractTerms, rule: CommissionRule, event: MoneyEvent): boolean {
  if (rule.payers !== undefined && !rule.payers.includes(event.payment?.payer ?? '')) return false;
  if (rule.earn_days !== undefined && !earnsStill(terms, rule.earn_days, event)) return false;
  return rule.when === undefined || holds(rule.when, event);
}

/** The day of acceptance is day 0; day `earn_days` still earns. */
function earnsStill(terms: ContractTerms, earnDays: number, event: MoneyEvent): boolean {
  const accepted = event.application?.acceptedAtMs;
  if (accepted === undefined) return true;
  return calendarDaysBetween(accepted, event.occurredAtMs, terms.timezone) <= earnDays;
}

function holds(when: RulePredicates, event: MoneyEvent): boolean {
  const { application, click, loan } = event;
  return (
    admits(when.products, application?.productId ?? click?.productId) &&
    admits(when.lenders, application?.lenderId ?? click?.lenderId) &&
    admits(when.funders, application?.funderId) &&
    admits(when.links, application?.linkCode ?? click?.linkCode) &&
    admits(when.via, application?.via ?? (click ? 'click' : null)) &&
    admits(when.customer, application?.customer) &&
    admits(when.grades, application?.grade) &&
    inRegions(when.regions, application?.region) &&
    ordinalFits(when.loan, loan?.ordinal) &&
    termFits(when.term, loan ?? application)
  );
}

function admits(allowed: OneOrMore | undefined, fact: string | null | undefined): boolean {
  if (allowed === undefined) return true;
  return fact !== null && fact !== undefined && listOf(allowed).includes(fact);
}

/** GB/T 2260 codes nest by their leading digits; trailing zeros of a province or city code stand for everything in it. */
function inRegions(allowed: OneOrMore | undefined, region: string | null | undefined): boolean {
  if (allowed === undefined) return true;
  if (region === null || region === undefined) return false;
  return listOf(allowed).some((code) => region.startsWith(code.replace(/(00)+$/, '')));
}

function ordinalFits(wanted: string | undefined, ordinal: number | undefined): boolean {
  if (wanted === undefined) return true;
  if (ordinal === undefined) return false;
  return wanted === 'first' ? ordinal === 1 : wanted === 'repeat' && ordinal > 1;
}

/** In the unit of the product: months, or days where its terms are days. */
function termFits(
  range: RulePredicates['term'],
  of: { readonly termMonths?: number | null; readonly termDays?: number | null } | null,
): boolean {
  if (range === undefined) return true;
  const term = of?.termMonths ?? of?.termDays;
  if (term === null || term === undefined) return false;
  return term >= (range.min ?? 0) && term <= (range.max ?? Number.POSITIVE_INFINITY);
}

function listOf(oneOrMore: OneOrMore): readonly string[] {
  return typeof oneOrMore === 'string' ? [oneOrMore] : oneOrMore;
}
