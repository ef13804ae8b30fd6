import { z } from 'zod';
import { isoOf, msOf } from '../../base/clock.ts';
import { instantSchema, moneySchema } from '../lifecycle/lender-event-data.ts';
import type { Payoff } from './payoff.ts';

const TEXT_MAX = 64;
const FEES_MAX = 20;

const answerSchema = z.object({
  amount: moneySchema,
  principal: moneySchema,
  interest: moneySchema,
  fees: z
    .array(
      z.object({ kind: z.string().min(1).max(TEXT_MAX), payee: z.string().min(1).max(TEXT_MAX), amount: moneySchema }),
    )
    .max(FEES_MAX)
    .default([]),
  penalty: moneySchema.optional(),
  waived: moneySchema.optional(),
  valid_until: instantSchema,
});

/** What a lender's answer is judged by. */
export interface PayoffAsked extends Pick<Payoff, 'installments' | 'nos' | 'currency'> {
  /** Principal not paid back, minor units: nobody repays more than was lent. */
  readonly outstanding: number;
  readonly nowMs: number;
}

export type JudgedPayoff =
  | { readonly ok: true; readonly payoff: Payoff }
  /** `detail`: where the answer contradicts itself or the question. */
  | { readonly ok: false; readonly detail: string };

/** Makes a lender's answer a payoff: its sums must agree to the last unit, in the loan's currency, and hold still. */
export function judgePayoffAnswer(json: unknown, asked: PayoffAsked): JudgedPayoff {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(`/${(issue?.path ?? []).map(String).join('/')}: ${issue?.message ?? 'is not valid'}`);
  }
  const { amount, principal, interest, fees, penalty, waived, valid_until } = parsed.data;
  const parts = [amount, principal, interest, penalty, waived, ...fees.map((fee) => fee.amount)];
  const foreign = parts.find((part) => part !== undefined && part.currency !== asked.currency);
  if (foreign) return invalid(`an amount is in ${foreign.currency}, the loan in ${asked.currency}`);
  const payoff: Payoff = {
    installments: asked.installments,
    nos: asked.nos,
    currency: asked.currency,
    amount: amount.amount,
    principal: principal.amount,
    interest: interest.amount,
    fees: fees.map((fee) => ({ ...fee, amount: fee.amount.amount })),
    penalty: penalty?.amount ?? 0,
    waived: waived?.amount ?? 0,
    valid_until: isoOf(msOf(valid_until)),
    source: 'lender',
  };
  const fault = faultOf(payoff, asked);
  return fault === undefined ? { ok: true, payoff } : invalid(fault);
}

function faultOf(payoff: Payoff, { outstanding, nowMs }: PayoffAsked): string | undefined {
  const { amount, principal, interest, fees, penalty, waived, valid_until } = payoff;
  const sum = fees.reduce((total, fee) => total + fee.amount, principal + interest + penalty) - waived;
  if (sum !== amount) return `amount is ${amount}, its parts come to ${sum}`;
  if (amount === 0) return 'amount is nothing';
  if (principal > outstanding) return `principal is ${principal}, only ${outstanding} is outstanding`;
  return msOf(valid_until) <= nowMs ? `valid_until ${valid_until} has passed` : undefined;
}

function invalid(detail: string): JudgedPayoff {
  return { ok: false, detail };
}
