import type { MoneyEvent } from '../../../../src/revenue/money-event.ts';
import type { CommissionRule, ContractTerms, Tier } from '../../../../src/revenue/terms.ts';
import { dayOf, dayText, lastMomentOf, periodStart } from './days.ts';
import { type Fraction, fraction, fractionOfDecimal, plus, rounded, times } from './fractions.ts';
import { CannotBePriced, type SoughtBook, type SoughtLine } from './sought.ts';
import { type Taking, takenBy } from './taken-by-the-contract.ts';

/** What one event adds to the book. @throws CannotBePriced, and then nothing is added */
export function bookByTheContract(book: SoughtBook, all: readonly ContractTerms[], event: MoneyEvent): void {
  const contracts = [...new Set(all.map(({ contract }) => contract))];
  const earned: SoughtLine[] = [];
  const taken: Taking[] = [];
  for (const contract of contracts) {
    const versions = all.filter((terms) => terms.contract === contract);
    earned.push(...earnedBy(book, versions, event));
    taken.push(...takenBy(book, versions, event));
  }
  for (const { line, whole } of taken) {
    if (whole !== null) whole.voided = event.type;
    else book.lines.push(line);
  }
  book.lines.push(...earned);
}

/** The line that settles a rule of whole tiers at the end of a period: everything at the tier that was reached. */
export function settleByTheContract(
  book: SoughtBook,
  versions: readonly ContractTerms[],
  period: { readonly id: string; readonly end: number },
): void {
  const isWhole = (rule: CommissionRule | undefined) => rule?.pay.tiers !== undefined && rule.pay.mode === 'whole';
  const begun = versions.filter((terms) => beginning(terms) < period.end).sort((a, b) => a.from.localeCompare(b.from));
  const ids = new Set(begun.flatMap((terms) => terms.rules.filter(isWhole).map(({ id }) => id)));
  for (const id of ids) {
    const ruleOf = (termsId: string) =>
      begun.find((terms) => terms.id === termsId)?.rules.find((rule) => rule.id === id);
    const counted = countedLines(book, versions[0]?.contract ?? '', id).filter((line) => line.period === period.id);
    const settled = counted.filter((line) => isWhole(ruleOf(line.terms)));
    const volume = counted.reduce((sum, line) => sum + (line.base ?? 0n), 0n);
    let due: Fraction = fraction(0n);
    for (const line of settled) {
      const pay = ruleOf(line.terms)?.pay;
      const reached = pay?.measure === 'count' ? BigInt(counted.length) : volume;
      const tier = tierOf(pay?.tiers ?? [], reached);
      due = plus(
        due,
        tier.fixed === undefined
          ? times(fractionOfDecimal(tier.percent ?? '0'), fraction(line.base ?? 0n, 100n))
          : fraction(BigInt(tier.fixed)),
      );
    }
    const newest = begun.filter((terms) => terms.rules.some((rule) => rule.id === id && isWhole(rule))).at(-1);
    if (newest === undefined) continue;
    const amount = rounded(due, newest.rounding) - settled.reduce((sum, line) => sum + line.amount, 0n);
    if (amount === 0n) continue;
    book.lines.push({
      ...{ event: `settled ${period.id}`, contract: newest.contract, terms: newest.id, rule: id, on: null },
      ...{ kind: 'true_up', base: null, rate: null, amount, occurred: period.end - 1, payable: period.end - 1 },
      ...{ hold: null, period: period.id, original: null, key: '', application: null, loan: null, payment: null },
      ...{ reverses: null, voided: null },
    });
  }
}

/** What counts for tiers and caps: every line that a rule was paid, whatever came of it later. */
function countedLines({ lines }: SoughtBook, contract: string, rule: string): SoughtLine[] {
  return lines.filter(
    (line) =>
      line.kind === 'accrual' && line.contract === contract && line.rule === rule && line.voided !== 'cap_exceeded',
  );
}

function beginning(terms: ContractTerms): number {
  return lastMomentOf(terms.timezone, dayText(Date.parse(terms.from) / 86_400_000 - 1)) + 1;
}

/** Rule 1: the version of acceptance, or what was pinned then, or the version of the event. */
function versionFor(versions: readonly ContractTerms[], event: MoneyEvent): ContractTerms | null {
  const inForce = (at: number) =>
    versions
      .filter((terms) => beginning(terms) <= at)
      .sort((a, b) => a.from.localeCompare(b.from))
      .at(-1) ?? null;
  const now = inForce(event.occurredAtMs);
  if (event.application === null) return event.click ? now : null;
  if (event.type === 'applicant.registered') return now;
  const pin = event.application.pins[versions[0]?.contract ?? ''];
  const accepted = pin === undefined ? inForce(event.application.acceptedAtMs) : versions.find(({ id }) => id === pin);
  if (accepted === undefined) throw new CannotBePriced('the pinned version is gone');
  if (accepted === null) return now?.price_at === 'event' ? now : null;
  return accepted.price_at === 'event' ? now : accepted;
}

function earnedBy(book: SoughtBook, versions: readonly ContractTerms[], event: MoneyEvent): SoughtLine[] {
  const terms = versionFor(versions, event);
  if (terms === null) return [];
  const fitting = terms.rules.filter((rule) => rule.on === event.type && fits(terms, rule, event));
  const first = fitting.filter(
    (rule, at) => rule.group === undefined || fitting.findIndex(({ group }) => group === rule.group) === at,
  );
  return first.flatMap((rule) => earnedUnder(book, terms, rule, event) ?? []);
}

function earnedUnder(book: SoughtBook, terms: ContractTerms, rule: CommissionRule, event: MoneyEvent) {
  const { contract } = terms;
  const key = onceFor(rule, event);
  const before = countedLines(book, contract, rule.id);
  if (before.some((line) => line.key === key)) return null;
  const hold = rule.hold_days ?? 0;
  const payable = event.occurredAtMs + hold * 86_400_000;
  const own = periodStart(terms, payable);
  const open = book.open.get(contract);
  const isCut = open !== undefined && own < open;
  const period = isCut ? open : own;
  const priced = priceOf(
    terms,
    rule,
    event,
    before.filter((line) => line.period === period),
  );
  if (priced.base === 0n) return null;
  const left = leftOfCaps(terms, rule, event, before, period);
  const isOver = left !== null && (left < 0n || (left === 0n && priced.amount > 0n));
  const held = !isOver && hold > 0 && payable > event.recordedAtMs;
  const line: SoughtLine = {
    ...{ event: event.id, contract, terms: terms.id, rule: rule.id, on: event.type, kind: 'accrual' },
    base: priced.base,
    rate: priced.rate,
    amount: isOver ? 0n : left !== null && left < priced.amount ? left : priced.amount,
    ...{
      occurred: event.occurredAtMs,
      payable,
      hold: held ? payable : null,
      period,
      original: isCut ? own : null,
      key,
    },
    application: event.application?.id ?? null,
    loan: event.loan?.id ?? null,
    payment: event.payment?.ref ?? null,
    reverses: null,
    voided: isOver ? 'cap_exceeded' : null,
  };
  return line;
}

/** Rule 6. What is left of an amount cap; -1 where a count is used up; null where nothing limits. */
function leftOfCaps(
  terms: ContractTerms,
  rule: CommissionRule,
  event: MoneyEvent,
  before: readonly SoughtLine[],
  period: string,
): bigint | null {
  const { caps } = rule;
  if (caps === undefined) return null;
  const span = (at: number) => dayText(dayOf(terms.timezone, at)).slice(0, caps.per === 'day' ? 10 : 7);
  const same = before.filter((line) =>
    caps.per === 'period' ? line.period === period : span(line.occurred) === span(event.occurredAtMs),
  );
  if (caps.count !== undefined) return same.length >= caps.count ? -1n : null;
  return BigInt(caps.amount ?? 0) - same.reduce((sum, line) => sum + line.amount, 0n);
}

interface Price {
  readonly base: bigint | null;
  readonly rate: string | null;
  readonly amount: bigint;
}

/** @param counted lines of the rule in the period, over all versions */
function priceOf(
  terms: ContractTerms,
  { pay }: CommissionRule,
  event: MoneyEvent,
  counted: readonly SoughtLine[],
): Price {
  if (pay.fixed !== undefined) return { base: null, rate: null, amount: BigInt(pay.fixed) };
  const percentOf = (base: bigint, percent: string): Price => {
    let exact = times(fractionOfDecimal(percent), fraction(base, 100n));
    if (pay.annualised) exact = times(exact, fraction(BigInt(monthsOf(event)), 12n));
    return { base, rate: percent, amount: rounded(exact, terms.rounding) };
  };
  if (pay.percent !== undefined) return percentOf(baseOf(pay.of ?? 'principal', event), pay.percent);
  const tiers = pay.tiers ?? [];
  if (pay.measure === 'count') {
    const tier = tierOf(tiers, BigInt(counted.length + 1));
    if (tier.fixed !== undefined) return { base: null, rate: null, amount: BigInt(tier.fixed) };
    return percentOf(baseOf(pay.of ?? 'principal', event), tier.percent ?? '0');
  }
  const base = baseOf(pay.of ?? 'principal', event);
  const start = counted.reduce((sum, line) => sum + (line.base ?? 0n), 0n);
  if (pay.mode === 'whole') return percentOf(base, tierOf(tiers, start + base).percent ?? '0');
  // The price of a part is the price of everything up to its end less that of everything up to its start.
  const exact = plus(priceUpTo(tiers, start + base), times(fraction(-1n), priceUpTo(tiers, start)));
  const touched = tiers.filter((tier, at) => {
    const from = BigInt(tiers[at - 1]?.up_to ?? 0);
    return start + base > from && (tier.up_to === undefined || start < BigInt(tier.up_to));
  });
  return {
    base,
    rate: touched.length === 1 ? (touched[0]?.percent ?? null) : null,
    amount: rounded(exact, terms.rounding),
  };
}

function priceUpTo(tiers: readonly Tier[], volume: bigint): Fraction {
  let sum = fraction(0n);
  for (const [at, tier] of tiers.entries()) {
    const from = BigInt(tiers[at - 1]?.up_to ?? 0);
    const to = tier.up_to === undefined || volume < BigInt(tier.up_to) ? volume : BigInt(tier.up_to);
    if (to > from) sum = plus(sum, times(fractionOfDecimal(tier.percent ?? '0'), fraction(to - from, 100n)));
  }
  return sum;
}

function tierOf(tiers: readonly Tier[], position: bigint): Tier {
  return tiers.filter((tier) => tier.up_to === undefined || position <= BigInt(tier.up_to))[0] ?? {};
}

function monthsOf({ loan }: MoneyEvent): number {
  if (!loan?.termMonths) throw new CannotBePriced('no months');
  return loan.termMonths;
}

function baseOf(of: string | readonly string[], { loan, payment }: MoneyEvent): bigint {
  const part = (name: string): bigint => {
    if (payment === null) return loan?.principal ?? 0n;
    if (name === 'principal') return payment.principal;
    if (name === 'interest') return payment.interest;
    if (name === 'penalty') return payment.penalty;
    const kind = name.split('.')[1];
    return payment.fees.reduce((sum, fee) => (kind === undefined || fee.kind === kind ? sum + fee.amount : sum), 0n);
  };
  return (typeof of === 'string' ? [of] : of).reduce((sum, name) => sum + part(name), 0n);
}

/** Rule 5: under what a rule pays once. */
function onceFor(rule: CommissionRule, event: MoneyEvent): string {
  const { application, loan, payment, click } = event;
  const [room] = event.type.split('.');
  const per =
    rule.once_per ??
    {
      click: 'visitor',
      loan: 'loan',
      installment: 'payment',
      applicant: 'application',
      application: 'application',
      credit: 'application',
    }[room ?? ''];
  const id = {
    visitor: click?.visitor,
    applicant: application?.applicantToken,
    application: application?.id,
    loan: loan?.id,
    payment: loan && payment ? `${loan.id} ${payment.ref}` : undefined,
  }[per ?? ''];
  if (!id) throw new CannotBePriced(`no ${per}`);
  return `${per} ${id}`;
}

/** Rule 4, `payers`, `earn_days`. */
function fits(terms: ContractTerms, rule: CommissionRule, { application, loan, payment, click, ...event }: MoneyEvent) {
  const { when = {}, payers, earn_days: earnDays } = rule;
  const among = (wanted: string | readonly string[] | undefined, fact: string | null | undefined) =>
    wanted === undefined || (fact ? [wanted].flat().includes(fact) : false);
  const term = loan?.termMonths ?? loan?.termDays;
  const day = (at: number) => dayOf(terms.timezone, at);
  return [
    payers === undefined || among(payers, payment?.payer),
    earnDays === undefined ||
      application === null ||
      day(event.occurredAtMs) - day(application.acceptedAtMs) <= earnDays,
    among(when.products, application?.productId ?? click?.productId),
    among(when.lenders, application?.lenderId ?? click?.lenderId),
    among(when.funders, application?.funderId),
    among(when.links, application?.linkCode ?? click?.linkCode),
    among(when.via, application?.via ?? (click ? 'click' : undefined)),
    among(when.customer, application?.customer),
    among(when.grades, application?.grade),
    when.loan === undefined || (loan ? (when.loan === 'first') === (loan.ordinal === 1) && loan.ordinal > 0 : false),
    when.term === undefined || (term ? term >= (when.term.min ?? 0) && term <= (when.term.max ?? 1e9) : false),
    when.regions === undefined ||
      [when.regions].flat().some((code) => {
        const [province, city] = [code.slice(0, 2), code.slice(2, 4)];
        const region = application?.region ?? '';
        return region !== '' && region.startsWith(city === '00' || city === '' ? province : code.replace(/00$/, ''));
      }),
  ].every(Boolean);
}
