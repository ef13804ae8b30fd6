import { z } from 'zod';
import { aprOf, exceedsCap } from '../../pricing/apr.ts';
import { loanFlows } from '../../pricing/loan-flows.ts';
import type { FeeAmount, Instalment } from '../../pricing/schedule.ts';
import type { Quote, QuoteRequest } from './quote.ts';

/** What a lender's answer is judged by. */
export interface LenderQuoteFacts {
  readonly request: QuoteRequest;
  readonly currency: string;
  /** Decimal fraction a year. */
  readonly apr_cap: string;
  /** Business time. */
  readonly nowMs: number;
}

export type LenderQuoteVerdict =
  | {
      readonly ok: true;
      readonly quote: Quote;
      readonly quoteRef: string | null;
      /** Epoch ms; null = the lender does not say. */
      readonly validUntilMs: number | null;
      /** The lender's yearly rate, where it is not ours. */
      readonly statedApr: string | null;
    }
  /** `invalid`: the answer contradicts itself or the question. */
  | { readonly ok: false; readonly kind: 'invalid' | 'above_cap'; readonly detail: string };

/** 10¹³ minor units: sums over a whole schedule stay exact integers. */
const MONEY_MAX = 10_000_000_000_000;
const INSTALMENTS_MAX = 600;
/** Rates that differ by more are told in the log: somebody counts by another convention. */
const APR_TOLERANCE = 1e-6;

const moneySchema = z.object({ amount: z.int().min(0).max(MONEY_MAX), currency: z.string() });
const feesSchema = z
  .array(z.object({ kind: z.string().min(1).max(64), payee: z.string().min(1).max(64), amount: moneySchema }))
  .max(20)
  .default([]);
const rateSchema = z.string().regex(/^\d{1,9}(\.\d{1,20})?$/);

const answerSchema = z.object({
  received: moneySchema,
  total: moneySchema,
  apr: rateSchema.nullish(),
  cost: z.object({ interest: moneySchema, fees: feesSchema }),
  schedule: z
    .array(
      z.object({
        no: z.int(),
        due_on: z.iso.date(),
        principal: moneySchema,
        interest: moneySchema,
        fees: feesSchema,
        total: moneySchema,
      }),
    )
    .min(1)
    .max(INSTALMENTS_MAX),
  quote_ref: z.string().min(1).max(128).nullish(),
  valid_until: z.iso.datetime({ offset: true }).nullish(),
});
type Answer = z.output<typeof answerSchema>;

/**
 * Makes a lender's answer a quote of ours, with the yearly rate found by us from its dates and sums, whatever it states.
 * The answer must be for the amount that was asked, in the product's currency, and its sums must agree to the last unit.
 */
export function judgeLenderQuote(json: unknown, facts: LenderQuoteFacts): LenderQuoteVerdict {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) return invalid(describe(parsed.error));
  const answer = parsed.data;
  const fault = faultOf(answer, facts);
  if (fault !== undefined) return invalid(fault);
  const schedule = answer.schedule.map(toInstalment);
  const { startOn, termUnit } = facts.request;
  const received = BigInt(answer.received.amount);
  const flows = loanFlows({ received, startOn, termUnit, payments: schedule });
  const rates = aprOf(flows);
  if (rates === undefined) return invalid('/received: no yearly rate describes this loan');
  if (exceedsCap(flows, facts.apr_cap)) {
    const detail = `the yearly cost would be ${rates.apr}, above this product's cap of ${facts.apr_cap}`;
    return { ok: false, kind: 'above_cap', detail };
  }
  const cost = { interest: BigInt(answer.cost.interest.amount), fees: answer.cost.fees.map(toFee) };
  const total = BigInt(answer.total.amount);
  const { apr: stated = null, quote_ref: quoteRef = null, valid_until: until = null } = answer;
  const differs = stated !== null && Math.abs(Number(stated) - Number(rates.apr)) > APR_TOLERANCE;
  return {
    ok: true,
    quote: { source: 'lender', currency: facts.currency, received, total, cost, schedule, ...rates },
    quoteRef,
    validUntilMs: until === null ? null : Date.parse(until),
    statedApr: differs ? stated : null,
  };
}

/** The first thing that is wrong, with its place. */
function faultOf(answer: Answer, { request, currency, nowMs }: LenderQuoteFacts): string | undefined {
  const { schedule, received, total, cost, valid_until: until } = answer;
  const principal = sum(schedule.map((item) => item.principal));
  const charged = sum(schedule.flatMap((item) => feesOf(item.fees)));
  const checks: readonly (readonly [pointer: string, holds: boolean, message: string])[] = [
    ['', allMoney(answer).every((money) => money.currency === currency), `every amount must be in ${currency}`],
    ['/schedule', schedule.every((item, at) => item.no === at + 1), 'no must count from 1'],
    ['/schedule', isInOrder(schedule, request.startOn), 'due_on must be after today, in order'],
    ['/schedule', principal === Number(request.amount), `principal sums to ${principal}, not to ${request.amount}`],
    ['/received', received.amount <= principal, 'is more than the principal'],
    ['/schedule', schedule.every(addsUp), 'a total is not principal + interest + fees'],
    ['/total', total.amount === sum(schedule.map((item) => item.total)), 'is not what the instalments sum to'],
    [
      '/cost/interest',
      cost.interest.amount === sum(schedule.map((item) => item.interest)),
      'is not that of the schedule',
    ],
    ['/cost/fees', sum(feesOf(cost.fees)) === principal - received.amount + charged, 'are not those taken and due'],
    ['/valid_until', !until || Date.parse(until) > nowMs, 'has passed'],
  ];
  const broken = checks.find(([, holds]) => !holds);
  return broken && `${broken[0] || '/'}: ${broken[2]}`;
}

type Item = Answer['schedule'][number];
type Amount = Answer['total'];

function allMoney({ received, total, cost, schedule }: Answer): Amount[] {
  const items = schedule.flatMap((item) => [item.principal, item.interest, item.total, ...feesOf(item.fees)]);
  return [received, total, cost.interest, ...feesOf(cost.fees), ...items];
}

function addsUp({ principal, interest, fees, total }: Item): boolean {
  return total.amount === sum([principal, interest, ...feesOf(fees)]);
}

function isInOrder(schedule: readonly Item[], startOn: string): boolean {
  return schedule.every((item, at) => item.due_on > (schedule[at - 1]?.due_on ?? startOn));
}

function feesOf(fees: Item['fees']): Amount[] {
  return fees.map((fee) => fee.amount);
}

function sum(amounts: readonly Amount[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0);
}

function toFee({ kind, payee, amount }: Item['fees'][number]): FeeAmount {
  return { kind, payee, amount: BigInt(amount.amount) };
}

function toInstalment({ no, due_on, principal, interest, fees, total }: Item): Instalment {
  return {
    no,
    dueOn: due_on,
    principal: BigInt(principal.amount),
    interest: BigInt(interest.amount),
    fees: fees.map(toFee),
    total: BigInt(total.amount),
  };
}

function invalid(detail: string): LenderQuoteVerdict {
  return { ok: false, kind: 'invalid', detail };
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return `/${(issue?.path ?? []).map(String).join('/')}: ${issue?.message ?? 'is not valid'}`;
}
