import { createHash } from 'node:crypto';
import { z } from 'zod';
import { dayOf, startOfDay } from '../../applications/lifecycle/calendar-days.ts';
import { quoteLocally } from '../../applications/quote/quote.ts';
import { quoteToWire } from '../../applications/quote/quote-to-wire.ts';
import { isoOf } from '../../base/clock.ts';
import { BookPlay } from '../story/book-play.ts';
import type { Payoff } from '../story/payoff.ts';
import { moneyIn, wireFees } from '../story/terms.ts';
import {
  askedFields,
  bodyInvalid,
  type CoreReply,
  installmentsSchema,
  readAsked,
  type SandboxCoreDeps,
} from './core-reply.ts';

const quoteSchema = z.object({ product_id: z.string(), application_id: z.string().nullish(), ...askedFields });
const payoffSchema = z.object({
  application_id: z.string().min(1),
  loan_id: z.string().min(1),
  loan_ref: z.string().nullish(),
  installments: installmentsSchema,
});

/** `POST /quotes`: what a loan that is paid out now would cost, or what paying off one that runs comes to today. */
export async function answerQuote(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  if (typeof json === 'object' && json !== null && 'installments' in json) return answerPayoff(deps, json);
  const parsed = quoteSchema.safeParse(json);
  if (!parsed.success) return bodyInvalid(parsed.error);
  const { product_id } = parsed.data;
  const product = deps.lender.products.find((candidate) => candidate.id === product_id);
  if (!product) return { status: 422, body: { code: 'unknown_product', detail: product_id } };
  const { amount, term, term_unit: termUnit } = readAsked(parsed.data);
  const nowMs = deps.clock.nowMs();
  const startOn = dayOf(nowMs, product.timezone);
  const quoted = quoteLocally(product, { amount: BigInt(amount), term, termUnit, startOn });
  if (!quoted.ok) return { status: 422, body: { code: quoted.problem.code, detail: quoted.problem.message } };
  const quote_ref = `SBX-Q-${digestOf([product_id, amount, term, termUnit, startOn])}`;
  const valid_until = isoOf(startOfDay(startOn, product.timezone, 1));
  return { status: 200, body: { ...quoteToWire(quoted.quote), source: 'lender', quote_ref, valid_until } };
}

async function answerPayoff(deps: SandboxCoreDeps, json: object): Promise<CoreReply> {
  const parsed = payoffSchema.safeParse(json);
  if (!parsed.success) return bodyInvalid(parsed.error);
  const { application_id, loan_id, loan_ref = null, installments } = parsed.data;
  const stored = await deps.store.read(application_id);
  if (!stored) return { status: 404, body: { code: 'unknown_application' } };
  const nowMs = Math.max(deps.clock.nowMs(), stored.horizonMs + 1);
  const loan = new BookPlay(stored.book).runUntil(nowMs).loan(loan_id, loan_ref);
  if (!loan) return { status: 422, body: { code: 'unknown_loan' } };
  const payoff = loan.payoff(installments);
  if (typeof payoff === 'string') return { status: 422, body: { code: payoff, detail: payoff } };
  const { currency, timezone } = stored.book.product;
  const validUntilMs = startOfDay(dayOf(nowMs, timezone), timezone, 1);
  return { status: 200, body: { ...payoffToWire(payoff, currency), valid_until: isoOf(validUntilMs) } };
}

function payoffToWire({ total, principal, interest, fees, penalty }: Payoff, currency: string) {
  const money = moneyIn(currency);
  return {
    amount: money(total),
    principal: money(principal),
    interest: money(interest),
    fees: wireFees(currency, fees),
    penalty: money(penalty),
    waived: money(0n),
  };
}

function digestOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16).toUpperCase();
}
