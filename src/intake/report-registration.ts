import type { Registration } from '../attribution/registration-store.ts';
import { isoOf, msOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import type { EventContext, NewEvent } from '../events/event.ts';
import { normaliseSubject } from '../identity/normalise-subject.ts';
import type { Subject } from '../identity/subject.ts';
import { claimTokens } from './application-draft.ts';
import { attributeAtLender, type ReportDeps } from './attribute-at-lender.ts';
import { type LenderReportFaults, lenderProductFault, underSubject } from './lender-report.ts';

/** A registration as a lender reports it. */
export interface RegistrationReport {
  readonly lender_ref: string;
  readonly product_id?: string | null;
  readonly subject: Subject;
  readonly click_id?: string | null;
  readonly handoff_id?: string | null;
  /** RFC 3339. */
  readonly registered_at: string;
}

export type RegistrationResult =
  | { readonly kind: 'registered'; readonly registration: Registration; readonly replayed: boolean }
  | LenderReportFaults;

/** Records that somebody registered at a lender and who introduced them. The same `lender_ref` again gets the first answer. */
export async function reportRegistration(
  deps: ReportDeps,
  lenderId: string,
  report: RegistrationReport,
): Promise<RegistrationResult> {
  const id = derivedId('reg', lenderId, report.lender_ref);
  const existing = await deps.registrations.load(id);
  if (existing) return { kind: 'registered', registration: existing, replayed: true };
  const productFault = lenderProductFault(deps.registry(), lenderId, report.product_id ?? null);
  if (productFault) return { kind: 'invalid', faults: [productFault] };
  const identity = normaliseSubject(report.subject);
  if (!identity.ok) return { kind: 'invalid', faults: underSubject(identity.errors) };
  const { claims, pointers, person } = claimTokens(deps.tokenizer.tokensOfSubject(identity.subject));
  const tokens = [...claims, ...pointers];
  const nowMs = deps.clock.nowMs();
  const { verdict, customer } = await attributeAtLender(deps, {
    lenderId,
    tokens,
    clickId: report.click_id ?? null,
    handoffId: report.handoff_id ?? null,
    atMs: Math.min(msOf(report.registered_at), nowMs),
  });
  const registration: Registration = {
    id,
    lender_id: lenderId,
    lender_ref: report.lender_ref,
    product_id: report.product_id ?? null,
    tokens,
    attribution: verdict,
    registered_at: isoOf(msOf(report.registered_at)),
    created_at: isoOf(nowMs),
  };
  const about = { person, customer, region: identity.subject.facts?.region ?? null };
  const stored = await deps.registrations.create(registration, registeredEvent(registration, about));
  return { kind: 'registered', registration: stored, replayed: false };
}

function registeredEvent(
  registration: Registration,
  about: { readonly person: string | null; readonly customer: 'new' | 'returning'; readonly region: string | null },
): NewEvent {
  const { attribution } = registration;
  const context: EventContext = {
    partner_id: attribution.partner_id,
    owner_id: attribution.partner_id,
    partner_ref: null,
    lender_ref: registration.lender_ref,
    product_id: registration.product_id,
    lender_id: registration.lender_id,
    funder_id: null,
    via: attribution.via,
    link_code: attribution.link_code,
    click_id: attribution.click_id,
    customer: about.customer,
    accepted_at: registration.registered_at,
    applicant_token: about.person,
    pins: {},
    region: about.region,
    grade: null,
  };
  return {
    type: 'applicant.registered',
    subject: registration.id,
    occurred_at: registration.registered_at,
    recorded_at: registration.created_at,
    data: { registration_id: registration.id },
    context,
  };
}
