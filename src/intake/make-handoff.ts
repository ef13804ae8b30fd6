import type { Application } from '../applications/model.ts';
import {
  backPlace,
  type Handoff,
  type HandoffDestination,
  type Prefill,
  personPlace,
  type WayBackTo,
} from '../attribution/handoffs/handoff.ts';
import type { HandoffStore } from '../attribution/handoffs/handoff-store.ts';
import { makeToken } from '../attribution/handoffs/handoff-token.ts';
import { returnAddressFault } from '../attribution/handoffs/may-return-to.ts';
import { isoOf, MINUTE_MS, msOf, SECOND_MS } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import { type NormalisedSubject, normaliseSubject } from '../identity/normalise-subject.ts';
import type { Subject } from '../identity/subject.ts';
import type { Environment } from '../registry/counterparty-set.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { urlFault } from '../registry/validate-url.ts';
import { closedNow } from '../screening/product-rules.ts';
import { claimTokens } from './application-draft.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { pageGaps } from './page-gaps.ts';
import { spendToday } from './spend-today.ts';

/** How far a partner's clock may be ahead of ours. */
const SKEW_MS = MINUTE_MS;

/** A hand-off as a partner asks for it. */
export interface HandoffInput {
  readonly product_id: string;
  readonly destination: HandoffDestination;
  readonly application_id?: string | null | undefined;
  readonly loan_id?: string | null | undefined;
  readonly partner_user_ref?: string | null | undefined;
  readonly subject?: Subject | null | undefined;
  /** When the partner has verified the phone, RFC 3339. */
  readonly phone_verified_at?: string | null | undefined;
  readonly return_url: string;
  readonly ttl_seconds: number;
}

export interface HandoffDeps extends IntakeDeps {
  readonly handoffs: HandoffStore;
  readonly environment: Environment;
}

export type MadeHandoff =
  | { readonly ok: true; readonly handoff: Handoff; readonly token: string }
  | { readonly ok: false; readonly faults: readonly InputFault[] }
  /** The product takes nobody now; `retryAtMs`: when it does again, business time, if that is known. */
  | { readonly ok: false; readonly closed: string | null; readonly retryAtMs: number | null }
  /** The partner has made as many today as it may. */
  | { readonly ok: false; readonly overBudget: true; readonly resetInSeconds: number };

/**
 * Makes a hand-off: a one-use address that takes the applicant to the lender's own pages. What is given of the person in
 * plain is sealed until it is spent; its tokens stay, since a redeemed hand-off is a touch.
 */
export async function makeHandoff(
  deps: HandoffDeps,
  partner: TrafficPartner,
  input: HandoffInput,
): Promise<MadeHandoff> {
  const product = deps.registry().products.get(input.product_id);
  if (!product) return refuse('/product_id', 'unknown_product', `there is no product ${input.product_id}`);
  const address = returnFault(partner, input.return_url, deps.environment);
  if (address !== null) return refuse('/return_url', 'return_url_not_allowed', address);
  const found = await applicationOf(deps, partner.id, input);
  if ('faults' in found) return { ok: false, faults: found.faults };
  const identity = input.subject ? normaliseSubject(input.subject) : undefined;
  if (identity && !identity.ok) {
    return { ok: false, faults: identity.errors.map((error) => ({ ...error, pointer: `/subject${error.pointer}` })) };
  }
  const given = identity?.subject;
  const nowMs = deps.clock.nowMs();
  const fault = verifiedFault(input, given, nowMs) ?? formFault(deps, product, input.destination);
  if (fault !== null) return fault;
  const closed = input.destination === 'apply' ? closedFor(deps, partner, product, nowMs) : undefined;
  if (closed) return { ok: false, closed: closed.detail, retryAtMs: closed.retryAtMs };
  const spent = await spendToday(deps, partner.id, 'handoffs', 1, partner.limits.handoffs_per_day);
  if (!spent.ok) return { ok: false, overBudget: true, resetInSeconds: spent.resetInSeconds };
  const id = randomId('hnd');
  const handoff: Handoff = {
    id,
    partner_id: partner.id,
    lender_id: product.lender_id,
    product_id: product.id,
    destination: input.destination,
    application_id: found.application?.id ?? null,
    loan_id: input.loan_id ?? null,
    partner_user_ref: input.partner_user_ref ?? null,
    tokens: tokensOf(deps, found.application, given),
    created_at: isoOf(nowMs),
    expires_at: isoOf(nowMs + input.ttl_seconds * SECOND_MS),
  };
  const { token, digest } = makeToken(id);
  const applicant = given === undefined ? undefined : plainApplicant(given, input.phone_verified_at);
  await deps.handoffs.create(handoff, digest, {
    person: applicant === undefined ? undefined : deps.sealer.seal(applicant, personPlace(id)),
    back: deps.sealer.seal({ return_url: input.return_url } satisfies WayBackTo, backPlace(id)),
  });
  return { ok: true, handoff, token };
}

/** When a phone was verified is said of a phone that is given in plain, and lies in the past. */
function verifiedFault({ phone_verified_at: at }: HandoffInput, given: NormalisedSubject | undefined, nowMs: number) {
  if (!at) return null;
  const pointer = '/phone_verified_at';
  if (given?.phone?.given !== 'plain') return refuse(pointer, 'needs_phone', 'is said of a subject.phone in plain');
  return msOf(at) <= nowMs + SKEW_MS ? null : refuse(pointer, 'in_future', 'lies in the future');
}

/** What our own form cannot take is told before anybody is sent to it. */
function formFault({ verifier }: HandoffDeps, product: RegisteredProduct, destination: HandoffDestination) {
  if (destination !== 'apply' || product.apply_at !== 'hosted') return null;
  const gaps = pageGaps(product.requirements, verifier !== undefined);
  if (gaps.length === 0) return null;
  return refuse('/product_id', 'not_on_our_form', `asks for what our form cannot take: ${gaps.join(', ')}`);
}

/** Why nobody can begin to apply for the product through this partner now. */
export function closedFor(
  { registry, pauses }: HandoffDeps,
  partner: TrafficPartner,
  product: RegisteredProduct,
  nowMs: number,
) {
  const standing = {
    partnerActive: partner.status === 'active',
    lenderActive: registry().lenders.get(product.lender_id)?.status === 'active',
    paused: pauses.stopOf(product.id, 'new', nowMs),
  };
  return closedNow(product, standing, nowMs);
}

type Found = { readonly application: Application | undefined } | { readonly faults: readonly InputFault[] };

/** The application that the hand-off is about, if it is about one: it must be the partner's, and of the product. */
async function applicationOf(deps: HandoffDeps, partnerId: string, input: HandoffInput): Promise<Found> {
  const { destination, application_id: applicationId, loan_id: loanId } = input;
  if (destination === 'apply' && !applicationId && !loanId) return { application: undefined };
  if (destination === 'repay' && !loanId) return refuse('/loan_id', 'required', 'is required to repay');
  const id = loanId ? await deps.store.applicationOfLoan(loanId) : applicationId;
  if (!loanId && !applicationId) return refuse('/application_id', 'required', `is required for ${destination}`);
  const application = id ? (await deps.store.load(id))?.application : undefined;
  const isOwn = application?.owner_id === partnerId && application.product_id === input.product_id;
  const isNamed = !loanId || !applicationId || applicationId === application?.id;
  if (application === undefined || !isOwn || !isNamed) {
    const name = loanId ? 'loan_id' : 'application_id';
    return refuse(`/${name}`, 'unknown', 'is none of yours of this product');
  }
  return { application };
}

function tokensOf(deps: IntakeDeps, application: Application | undefined, given: NormalisedSubject | undefined) {
  const known = application === undefined ? [] : [...application.subject.claims, ...application.subject.pointers];
  const named = given === undefined ? undefined : claimTokens(deps.tokenizer.tokensOfSubject(given));
  return [...new Set([...known, ...(named?.claims ?? []), ...(named?.pointers ?? [])])];
}

/** What was given in plain; undefined when nothing was. */
function plainApplicant(subject: NormalisedSubject, verifiedAt: string | null | undefined): Prefill | undefined {
  const { phone, idNumber, name } = subject;
  const plain = {
    ...(phone?.given === 'plain' ? { phone: phone.value } : {}),
    ...(verifiedAt ? { phone_verified_at: verifiedAt } : {}),
    ...(idNumber?.given === 'plain' ? { id_number: idNumber.value } : {}),
    ...(name?.given === 'plain' ? { name: name.value } : {}),
  };
  return Object.keys(plain).length === 0 ? undefined : plain;
}

/**
 * Why a hand-off may not lead back to an address: only to where the partner has said that its applicants come from,
 * `return_urls`, else its callbacks' host.
 */
export function returnFault(partner: TrafficPartner, url: string, environment: Environment): string | null {
  const fault = urlFault(url, environment);
  if (fault !== null) return fault;
  return returnAddressFault(url, partner.return_urls.length > 0 ? partner.return_urls : callbackOrigins(partner));
}

function callbackOrigins({ callbacks }: TrafficPartner): string[] {
  return callbacks === undefined ? [] : [new URL(callbacks.url).origin];
}

function refuse(pointer: string, code: string, message: string) {
  return { ok: false as const, faults: [{ pointer, code, message }] };
}
