import { z } from 'zod';
import { quoteLocally } from '../applications/quote/quote.ts';
import { quoteToWire, type WireQuote } from '../applications/quote/quote-to-wire.ts';
import type { Clock } from '../base/clock.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { Product } from '../registry/schema/product.ts';
import { applicationSteps, INPUT_COMPLETED, lenderRefOf } from './sandbox-behaviour.ts';
import { loanSteps } from './sandbox-loan-steps.ts';
import { drawsByItself, scenarioOfPhone } from './sandbox-scenario.ts';
import type { SandboxAnswer, SandboxStore } from './sandbox-store.ts';
import { type Asked, dayOf, roundToStep } from './sandbox-terms.ts';

/** What the core of a sandbox lender answers over HTTP. */
export interface CoreReply {
  readonly status: 200 | 202 | 404 | 422 | 504;
  readonly body:
    | SandboxAnswer
    | SandboxQuote
    | SandboxPrecheckAnswer
    | { readonly code: string; readonly detail?: string };
}

/** What a sandbox lender answers about somebody who may come. */
export interface SandboxPrecheckAnswer {
  readonly decision: 'accept' | 'refuse';
  readonly reason?: 'existing_customer';
  readonly detail?: 'registered';
}

/** A quote as the lender makes it. */
export type SandboxQuote = Omit<WireQuote, 'source'> & { readonly source: 'lender' };

export interface SandboxCoreDeps {
  readonly lender: Lender;
  readonly store: SandboxStore;
  readonly clock: Clock;
  /** Waits in real time, ms. */
  readonly sleep: (ms: number) => Promise<void>;
}

const moneySchema = z.object({ amount: z.int().positive(), currency: z.string() });
const askedFields = {
  amount: moneySchema,
  term: z.int().positive(),
  term_unit: z.enum(['month', 'day']),
  purpose: z.string().nullish(),
};
const applicationSchema = z.object({
  delivery_id: z.string().min(1),
  application_id: z.string().min(1),
  product_id: z.string(),
  funder_ids: z.array(z.string()),
  partner: z.object({ kind: z.string().nullish(), via: z.string().nullish() }).nullish(),
  requested: z.object(askedFields).nullish(),
  applicant: z.record(z.string(), z.unknown()),
});
const loanSchema = z.object({
  delivery_id: z.string().min(1),
  application_id: z.string().min(1),
  loan_id: z.string().min(1),
  ...askedFields,
});
const quoteSchema = z.object({ product_id: z.string(), ...askedFields });
const aboutApplicationSchema = z.object({ application_id: z.string().min(1) });

/** A slow core keeps the first two attempts waiting for longer than the gateway does. */
const SLOW_ATTEMPTS = 2;
const SLOW_MS = 11_000;

/** `POST /applications`: accepted, and everything that will follow is planned at once. */
export async function takeApplication(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = applicationSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error);
  const body = parsed.data;
  const product = productOf(deps.lender, body.product_id);
  if (!product) return { status: 422, body: { code: 'unknown_product', detail: body.product_id } };
  const scenario = scenarioOfPhone(body.applicant.phone);
  if (scenario === 'slow_core' && (await deps.store.countAttempt(body.delivery_id)) <= SLOW_ATTEMPTS) {
    await deps.sleep(SLOW_MS);
    return { status: 504, body: { code: 'slow' } };
  }
  const lenderRef = lenderRefOf('A', body.application_id);
  const funderId = body.funder_ids[0] ?? null;
  const steps = applicationSteps({
    scenario,
    applicationId: body.application_id,
    product,
    asked: body.requested ? readAsked(body.requested) : smallestAsked(product),
    funderId,
    drawsByItself: drawsByItself(scenario, body.partner ?? null),
    acceptedMs: deps.clock.nowMs(),
  });
  const known = await deps.store.accept({
    deliveryId: body.delivery_id,
    objectId: body.application_id,
    answer: { result: 'accepted', lender_ref: lenderRef },
    document: {
      lender_ref: lenderRef,
      product_id: product.id,
      scenario,
      funder_id: funderId,
      step_ids: steps.map((step) => step.id),
    },
    steps,
  });
  return {
    status: 202,
    body: known ? { ...known, result: 'duplicate' } : { result: 'accepted', lender_ref: lenderRef },
  };
}

/** `POST /loans`: a drawdown under a credit that this lender granted. */
export async function takeLoan(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = loanSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error);
  const body = parsed.data;
  const application = await deps.store.document(body.application_id);
  if (!application) return { status: 404, body: { code: 'unknown_application' } };
  const product = productOf(deps.lender, application.product_id);
  if (!product) return { status: 422, body: { code: 'unknown_product', detail: application.product_id } };
  const lenderRef = lenderRefOf('L', body.loan_id);
  const asked = readAsked(body);
  const steps = loanSteps({
    scenario: application.scenario,
    product,
    asked: { ...asked, amount: roundToStep(product, asked.amount) },
    key: body.loan_id,
    object: { loan_id: body.loan_id },
    funderId: application.funder_id,
    requestedMs: deps.clock.nowMs(),
  });
  const known = await deps.store.accept({
    deliveryId: body.delivery_id,
    objectId: body.loan_id,
    answer: { result: 'accepted', lender_ref: lenderRef },
    document: { ...application, lender_ref: lenderRef, step_ids: steps.map((step) => step.id) },
    steps,
  });
  return {
    status: 202,
    body: known ? { ...known, result: 'duplicate' } : { result: 'accepted', lender_ref: lenderRef },
  };
}

/** `POST /quotes`: what a loan paid out now would cost. */
export async function takeQuote(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = quoteSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error);
  const product = productOf(deps.lender, parsed.data.product_id);
  if (!product) return { status: 422, body: { code: 'unknown_product', detail: parsed.data.product_id } };
  const { amount, term, termUnit } = readAsked(parsed.data);
  const quoted = quoteLocally(product, { amount, term, termUnit, startOn: dayOf(product, deps.clock.nowMs()) });
  if (!quoted.ok) return { status: 422, body: { code: quoted.problem.code, detail: quoted.problem.message } };
  return { status: 200, body: { ...quoteToWire(quoted.quote), source: 'lender' } };
}

/** `POST /supplements`, `POST /actions`: what the lender waited for has come; what follows happens now. */
export async function takeInput(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = aboutApplicationSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error);
  const document = await deps.store.document(parsed.data.application_id);
  if (!document) return { status: 404, body: { code: 'unknown_application' } };
  const from = document.step_ids.findIndex((id) => id.endsWith(`:${INPUT_COMPLETED}`));
  if (from >= 0) await deps.store.bringForward(document.step_ids.slice(from), deps.clock.nowMs());
  return { status: 200, body: { result: 'accepted', lender_ref: document.lender_ref } };
}

/** `POST /cancellations`: nothing more will be reported about the application. */
export async function takeCancellation(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = aboutApplicationSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error);
  const document = await deps.store.document(parsed.data.application_id);
  if (!document) return { status: 404, body: { code: 'unknown_application' } };
  await deps.store.forget(document.step_ids);
  return { status: 200, body: { result: 'accepted', lender_ref: document.lender_ref } };
}

function productOf(lender: Lender, productId: string): Product | undefined {
  return lender.products.find((product) => product.id === productId);
}

function readAsked(given: z.output<z.ZodObject<typeof askedFields>>): Asked {
  return {
    amount: BigInt(given.amount.amount),
    term: given.term,
    termUnit: given.term_unit,
    purpose: given.purpose ?? null,
  };
}

function smallestAsked(product: Product): Asked {
  const [term = 1] = product.term.options;
  return { amount: BigInt(product.amount.min), term, termUnit: product.term.unit, purpose: null };
}

/** Names the fields, never their values: a body carries personal data. */
function invalid(error: z.ZodError): CoreReply {
  const detail = error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.code}`).join(', ');
  return { status: 422, body: { code: 'body_invalid', detail } };
}
