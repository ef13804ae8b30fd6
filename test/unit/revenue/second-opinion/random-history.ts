import fc from 'fast-check';
import { CLAWBACK_EVENTS, EARNING_EVENTS } from '../../../../src/registry/schema/event-names.ts';
import type { MoneyEvent } from '../../../../src/revenue/money-event.ts';
import type { ContractTerms } from '../../../../src/revenue/terms.ts';
import { randomContracts } from './random-terms.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.parse('2025-12-20T02:00:00Z');
const oneOf = <const T>(...values: readonly T[]) => fc.constantFrom(...values);

/** One thing that happens, with what the desk does before it. */
export interface Happening {
  readonly event: MoneyEvent;
  readonly before: 'nothing' | 'release' | 'cut';
}

const rawApplication = fc.record({
  accepted: fc.integer({ min: -6, max: 25 }),
  via: oneOf('api', 'click', 'handoff', 'lender'),
  customer: oneOf('new', 'returning'),
  link: oneOf(null, 'acme-home'),
  product: oneOf('quick-cash', 'wave-days'),
  funder: oneOf('harbour', 'summit', null),
  region: oneOf(null, '110101', '440300', '54'),
  grade: oneOf(null, 'A', 'B'),
  person: oneOf('p-1', 'p-1', 'p-2', null),
  pin: oneOf<string | undefined>(...Array(9).fill(undefined), 'v0', 'v0', 'v1'),
});

const rawLoan = fc.record({
  ordinal: oneOf(1, 1, 2, 3),
  principal: oneOf(1n, 99_999n, 100_000n, 300_000n, 500_000n, 1_234_567n),
  months: oneOf(null, 3, 6, 12, 12),
  days: oneOf(30, 90),
  disbursed: fc.integer({ min: -5, max: 60 }),
  isStartKnown: oneOf(true, true, true, false),
});

const EVERY_TYPE = [...EARNING_EVENTS, ...CLAWBACK_EVENTS];

const LOANS = 6;

const rawEvent = fc.record({
  type: fc.nat(999),
  isAny: oneOf(false, false, false, false, false, true),
  application: oneOf(0, 0, 1),
  loan: fc.nat(LOANS - 1),
  payment: oneOf('P-1', 'P-2', 'P-3', 'P-4'),
  interest: oneOf(0n, 750n, 7_501n),
  service: oneOf(0n, 125n),
  penalty: oneOf(0n, 33n),
  payer: oneOf('borrower', 'borrower', 'guarantor', 'insurer'),
  visitor: oneOf('v-1', 'v-2', 'v-3'),
  gapMinutes: oneOf(0, 1, 600, 1_440, 1_440, 4_321, 20_000, 43_200),
  /** Minutes between happening and being written down; a lender's clock may be ahead. */
  lagMinutes: oneOf(0, 0, 0, -3, 90, 3_000, 60_000),
  before: oneOf('nothing', 'nothing', 'nothing', 'release', 'cut'),
  isAboutLoan: fc.boolean(),
});

const rawHistory = fc.record({
  applications: fc.tuple(rawApplication, rawApplication),
  loans: fc.array(rawLoan, { minLength: LOANS, maxLength: LOANS }),
  events: fc.array(rawEvent, { minLength: 1, maxLength: 16, size: 'max' }),
});

export interface Case {
  readonly contracts: readonly ContractTerms[];
  readonly history: readonly Happening[];
}

/** Contracts, and a history in which mostly that happens which they look at. */
export const randomCase: fc.Arbitrary<Case> = fc.tuple(randomContracts, rawHistory).map(([contracts, raw]) => {
  const rules = contracts.flatMap((terms) => terms.rules.map(({ on }) => on));
  const looked = [...rules, ...rules, ...contracts.flatMap(({ clawback }) => clawback.map(({ on }) => on))];
  return { contracts, history: historyOf(raw, looked) };
});

function historyOf({ applications, loans, events }: Raw<typeof rawHistory>, looked: readonly string[]): Happening[] {
  let now = START;
  return events.map((raw, index) => {
    now += raw.gapMinutes * MINUTE;
    const types = raw.isAny || looked.length === 0 ? EVERY_TYPE : looked;
    const type = types[raw.type % types.length] ?? 'click';
    // A loan belongs to one application.
    const place = isOfLoan(type) || raw.isAboutLoan ? raw.loan % 2 : raw.application;
    const event = eventOf({ ...raw, type }, `evt_${index}`, now, {
      application: applicationOf(applications[place === 0 ? 0 : 1], place, type),
      loan: loanOf(loans[raw.loan], raw.loan),
    });
    return { event, before: raw.before };
  });
}

type Raw<T> = T extends fc.Arbitrary<infer U> ? U : never;
type TypedEvent = Omit<Raw<typeof rawEvent>, 'type'> & { readonly type: string };
type Parts = Pick<MoneyEvent, 'application' | 'loan'>;

function isOfLoan(type: string): boolean {
  return /^(loan|installment)\./.test(type);
}

function eventOf(raw: TypedEvent, id: string, recordedAtMs: number, { application, loan }: Parts): MoneyEvent {
  const { type } = raw;
  const common = { id, type, recordedAtMs, occurredAtMs: recordedAtMs - raw.lagMinutes * MINUTE, counterparty: 'acme' };
  if (type === 'click') {
    const click = {
      id: `clk_${id}`,
      visitor: raw.visitor,
      linkCode: 'acme-home',
      productId: 'quick-cash',
      lenderId: null,
    };
    return { ...common, application: null, click, loan: null, payment: null };
  }
  const names = isOfLoan(type) || (type.startsWith('complaint.') && raw.isAboutLoan);
  return {
    ...common,
    application,
    loan: names ? loan : null,
    payment: type.startsWith('installment.') ? paymentOf(raw) : null,
  };
}

function paymentOf({ payment, interest, service, penalty, payer }: TypedEvent): MoneyEvent['payment'] {
  const fees = [
    { kind: 'service', amount: service },
    { kind: 'guarantee', amount: 40n },
  ];
  return { ref: payment, no: 1, principal: 40_000n, interest, fees, penalty, payer };
}

function applicationOf(raw: Raw<typeof rawApplication>, place: number, type: string): MoneyEvent['application'] {
  return {
    id: type === 'applicant.registered' ? `reg_${place}` : `app_${place}`,
    partnerRef: null,
    lenderRef: null,
    productId: raw.product,
    lenderId: raw.product === 'quick-cash' ? 'quickcredit' : 'bluewave',
    funderId: raw.funder,
    linkCode: raw.link,
    via: raw.via,
    customer: raw.customer,
    acceptedAtMs: START + raw.accepted * DAY,
    applicantToken: raw.person,
    region: raw.region,
    grade: raw.grade,
    pins: raw.pin === undefined ? {} : { main: `main-${raw.pin}` },
  };
}

function loanOf(raw: Raw<typeof rawLoan> | undefined, place: number): MoneyEvent['loan'] {
  if (raw === undefined) return null;
  return {
    id: `loan_${place}`,
    ordinal: raw.ordinal,
    principal: raw.principal,
    currency: 'CNY',
    termMonths: raw.months,
    termDays: raw.months === null ? raw.days : null,
    disbursedAtMs: raw.isStartKnown ? START + raw.disbursed * DAY : null,
  };
}
