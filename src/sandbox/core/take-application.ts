import { z } from 'zod';
import { dayOf } from '../../applications/lifecycle/calendar-days.ts';
import { quoteLocally } from '../../applications/quote/quote.ts';
import { annualRate } from '../../pricing/schedule.ts';
import type { Product } from '../../registry/schema/product.ts';
import type { Asked, BookProduct, SandboxBook } from '../story/book.ts';
import { BookPlay } from '../story/book-play.ts';
import { countedOn } from '../story/day-figures.ts';
import { drawsByItself, scenarioOfPhone } from '../story/scenario.ts';
import { grantedTerms } from '../story/terms.ts';
import { transmissionsOf } from '../story/transmissions.ts';
import { askedFields, bodyInvalid, type CoreReply, readAsked, type SandboxCoreDeps } from './core-reply.ts';

const applicationSchema = z.object({
  delivery_id: z.string().min(1),
  application_id: z.string().min(1),
  product_id: z.string(),
  funder_ids: z.array(z.string()),
  partner: z.object({ kind: z.string().nullish(), via: z.string().nullish() }).nullish(),
  requested: z.object(askedFields).nullish(),
  applicant: z.record(z.string(), z.unknown()),
});
type ApplicationMessage = z.output<typeof applicationSchema>;

/** A slow core keeps the first two attempts waiting for longer than the gateway does. */
const SLOW_ATTEMPTS = 2;
const SLOW_MS = 11_000;
const RATE_DIGITS = 8;

/** `POST /applications`: accepted, unless the applicant is a customer already; the story begins. */
export async function takeApplication(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = applicationSchema.safeParse(json);
  if (!parsed.success) return bodyInvalid(parsed.error);
  const message = parsed.data;
  const product = deps.lender.products.find((candidate) => candidate.id === message.product_id);
  if (!product) return { status: 422, body: { code: 'unknown_product', detail: message.product_id } };
  const scenario = scenarioOfPhone(message.applicant.phone);
  if (scenario === 'slow_core' && (await deps.store.countAttempt(message.delivery_id)) <= SLOW_ATTEMPTS) {
    await deps.sleep(SLOW_MS);
    return { status: 504, body: { code: 'slow' } };
  }
  const book = openBook(message, product, deps.clock.nowMs());
  const answer = new BookPlay(book).application.firstAnswer;
  const isTaken = answer.result === 'accepted';
  const written = await deps.store.write({
    book,
    expected: null,
    atMs: book.accepted_ms,
    nextDueMs: transmissionsOf(book)[0]?.sendMs ?? null,
    // Who is rejected at once was never an application here.
    figures: isTaken ? [countedOn(book, book.accepted_ms, 'applications', 1)] : [],
  });
  const result = written || !isTaken ? answer.result : 'duplicate';
  return { status: 202, body: { ...answer, result } };
}

function openBook(message: ApplicationMessage, product: Product, nowMs: number): SandboxBook {
  const scenario = scenarioOfPhone(message.applicant.phone);
  const asked = message.requested ? readAsked(message.requested) : smallestAsked(product);
  return {
    application_id: message.application_id,
    product: bookProductOf(product),
    scenario,
    funder_id: message.funder_ids[0] ?? null,
    asked,
    apr: statedApr(product, grantedTerms(product, asked), nowMs),
    draws_alone: drawsByItself(scenario, message.partner ?? null),
    accepted_ms: nowMs,
    inputs: [],
  };
}

function bookProductOf(product: Product): BookProduct {
  const { id, kind, currency, timezone, amount, term, repayment, rate, fees } = product;
  const { due_day, first_period_min_days, cooling_off_days } = product;
  const days = { due_day, first_period_min_days, cooling_off_days };
  return { id, kind, currency, timezone, amount, term, repayment, rate, fees, ...days };
}

/** The yearly cost that the lender states with a credit: every fee in; the nominal rate where no quote can be made. */
function statedApr(product: Product, { amount, term, term_unit }: Asked, atMs: number): string {
  const startOn = dayOf(atMs, product.timezone);
  const quoted = quoteLocally(product, { amount: BigInt(amount), term, termUnit: term_unit, startOn });
  return quoted.ok ? quoted.quote.apr : annualRate(product.rate).toDecimal(RATE_DIGITS);
}

function smallestAsked(product: Product): Asked {
  const [term = 1] = product.term.options;
  return { amount: product.amount.min, term, term_unit: product.term.unit, purpose: null };
}
