import type { PlainClawback, PlainRule, PlainVersion } from './plain-terms.ts';
import type { Random } from './random.ts';

const DAY_ONE = '2026-01-01';

const CANCELLED: PlainClawback = { on: 'loan.cancelled', points: 10_000, withinDays: null, rules: null };
const FRAUD: PlainClawback = { on: 'application.fraud_confirmed', points: 10_000, withinDays: null, rules: null };
const REVERSED: PlainClawback = { on: 'installment.reversed', points: 10_000, withinDays: null, rules: null };

const PERCENT_HELD: PlainRule = {
  id: 'first',
  on: 'loan.disbursed',
  pay: { kind: 'percent', points: 150, of: 'principal' },
  per: 'loan',
  holdDays: 15,
  cap: null,
};
const FIXED: PlainRule = {
  id: 'cpa',
  on: 'credit.granted',
  pay: { kind: 'fixed', amount: 3_001 },
  per: 'applicant',
  holdDays: 0,
  cap: null,
};
const SHARE: PlainRule = {
  id: 'share',
  on: 'installment.paid',
  pay: { kind: 'percent', points: 833, of: 'interest' },
  per: 'payment',
  holdDays: 0,
  cap: null,
};
const TIER: PlainRule = {
  id: 'volume',
  on: 'loan.disbursed',
  pay: { kind: 'tier', upTo: 8_000_000, low: 21, high: 57 },
  per: 'loan',
  holdDays: 0,
  cap: null,
};

/** First versions: every cycle of a kind, both ways of tax, every rounding, holds, caps, tiers, clawbacks. */
const FIRST: Readonly<Record<string, readonly PlainVersion[]>> = {
  acme: [
    {
      id: 'acme-main-1',
      contract: 'main',
      from: DAY_ONE,
      priceAt: 'application',
      cycle: 'month_end',
      acceptDays: 5,
      payoutMin: 10_000,
      tax: { points: 600, mode: 'exclusive' },
      withhold: 0,
      rounding: 'half_even',
      rules: [FIXED, PERCENT_HELD, SHARE],
      clawbacks: [
        CANCELLED,
        FRAUD,
        { on: 'loan.first_payment_default', points: 5_000, withinDays: 40, rules: ['first'] },
      ],
    },
    {
      id: 'acme-side-1',
      contract: 'side',
      from: DAY_ONE,
      priceAt: 'event',
      cycle: 'half_month',
      acceptDays: 3,
      payoutMin: 0,
      tax: { points: 625, mode: 'inclusive' },
      withhold: 150,
      rounding: 'half_up',
      rules: [TIER, { ...FIXED, id: 'bonus', pay: { kind: 'fixed', amount: 777 }, cap: { count: 2, per: 'day' } }],
      clawbacks: [CANCELLED],
    },
  ],
  beta: [
    {
      id: 'beta-main-1',
      contract: 'main',
      from: DAY_ONE,
      priceAt: 'event',
      cycle: 'sun',
      acceptDays: 2,
      payoutMin: 50_000,
      tax: { points: 333, mode: 'exclusive' },
      withhold: 77,
      rounding: 'floor',
      rules: [
        { ...PERCENT_HELD, id: 'held', pay: { kind: 'percent', points: 99, of: 'principal' }, holdDays: 4 },
        { ...SHARE, cap: { count: 6, per: 'period' } },
        { ...TIER, holdDays: 9 },
      ],
      clawbacks: [CANCELLED, REVERSED, { ...FRAUD, points: 3_333 }],
    },
  ],
};

/** The contracts of all counterparties as a world begins. Nobody changes the lists but `nextVersion`'s caller. */
export function firstContracts(): Map<string, PlainVersion[]> {
  return new Map(Object.entries(FIRST).map(([partnerId, versions]) => [partnerId, [...versions]]));
}

/** Another version of a contract: other rates and another tax, from a day on. */
export function nextVersion(random: Random, last: PlainVersion, from: string): PlainVersion {
  const [, stem = '', number = '1'] = /^(.*)-(\d+)$/.exec(last.id) ?? [];
  const { tax } = last;
  return {
    ...last,
    id: `${stem}-${Number(number) + 1}`,
    from,
    tax: { ...tax, points: random.pick([300, 600, 1_300]) ?? tax.points },
    rules: last.rules.map((rule) => ({ ...rule, pay: otherPay(random, rule.pay) })),
  };
}

function otherPay(random: Random, pay: PlainRule['pay']): PlainRule['pay'] {
  switch (pay.kind) {
    case 'fixed':
      return { ...pay, amount: random.between(500, 5_000) };
    case 'percent':
      return { ...pay, points: random.between(1, 900) };
    case 'tier':
      return { ...pay, low: random.between(1, 50), high: random.between(1, 90) };
  }
}
