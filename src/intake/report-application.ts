import { createHmac } from 'node:crypto';
import { arrivalOf } from '../applications/arrival.ts';
import type { DraftEvent } from '../applications/context.ts';
import type { Application, Requested, SubjectTokens } from '../applications/model.ts';
import { offerOf } from '../applications/offer.ts';
import { isClickId } from '../attribution/clicks/click-id.ts';
import { DAY_MS, isoOf, msOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import { normaliseSubject } from '../identity/normalise-subject.ts';
import type { Subject } from '../identity/subject.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import { labelledTokens } from './application-draft.ts';
import { type ArrivalFindings, attributeAtLender, ownersOf, type ReportDeps } from './attribute-at-lender.ts';
import { type LenderReportFaults, lenderProductFault, underSubject } from './lender-report.ts';
import { pinsAt } from './pins-at.ts';
import { personTokens } from './screened-tokens.ts';

/** An application made in the lender's own app, as the lender reports it. */
export interface ApplicationReport {
  readonly lender_ref: string;
  readonly product_id: string;
  readonly subject: Subject;
  readonly requested?: Requested | null;
  readonly click_id?: string | null;
  readonly handoff_id?: string | null;
  readonly channel: 'app' | 'h5' | 'mini_program' | 'store';
  /** RFC 3339. */
  readonly applied_at: string;
}

export type ReportResult =
  | { readonly kind: 'reported'; readonly application: Application; readonly replayed: boolean }
  | LenderReportFaults;

/**
 * Records an application that began at the lender and who introduced the applicant. It is never refused and not pushed back;
 * the claims that are free become its own. The same `lender_ref` again gets the application as it stands.
 */
export async function reportApplication(
  deps: ReportDeps,
  lenderId: string,
  report: ApplicationReport,
): Promise<ReportResult> {
  const id = derivedId('app', 'lender', lenderId, report.lender_ref);
  const existing = await deps.store.load(id);
  if (existing) {
    // The first caller may have died between writing and claiming.
    await takeFreeClaims(deps, existing.application);
    return { kind: 'reported', application: existing.application, replayed: true };
  }
  const product = deps.registry().products.get(report.product_id);
  const productFault = lenderProductFault(deps.registry(), lenderId, report.product_id);
  if (productFault || !product) return { kind: 'invalid', faults: productFault ? [productFault] : [] };
  const identity = normaliseSubject(report.subject);
  if (!identity.ok) return { kind: 'invalid', faults: underSubject(identity.errors) };
  const tokens = deps.tokenizer.tokensOfSubject(identity.subject);
  const subject = labelledTokens(tokens);
  const atMs = Math.min(msOf(report.applied_at), deps.clock.nowMs());
  const findings = await attributeAtLender(deps, {
    lenderId,
    tokens: [...subject.claims, ...subject.pointers],
    clickId: report.click_id ?? null,
    handoffId: report.handoff_id ?? null,
    atMs,
  });
  const masked = tokens.masked_person?.canonical;
  const isPlain = identity.subject.phone?.given === 'plain' && identity.subject.idNumber?.given === 'plain';
  if (masked && isPlain) await deps.maskedPeople.remember(masked, personTokens(subject, deps.lists.parts.forms));
  await deps.store.bindReference(lenderId, report.lender_ref, id);
  const region = identity.subject.facts?.region ?? null;
  const application = applicationOf(deps, { id, report, product, subject, findings, atMs, region });
  const created = await deps.store.create(application, reportedEvents(application, report), []);
  await takeFreeClaims(deps, created.application);
  return { kind: 'reported', application: created.application, replayed: !created.created };
}

interface Reported {
  readonly id: string;
  readonly report: ApplicationReport;
  readonly product: RegisteredProduct;
  readonly subject: SubjectTokens;
  readonly findings: ArrivalFindings;
  readonly atMs: number;
  readonly region: string | null;
}

function applicationOf(deps: ReportDeps, reported: Reported): Application {
  const { report, product, findings, atMs } = reported;
  const { verdict } = findings;
  const registry = deps.registry();
  const partnerId = verdict.partner_id;
  const now = isoOf(deps.clock.nowMs());
  return {
    id: reported.id,
    origin: 'lender',
    owner_id: partnerId,
    partner_kind: partnerId === null ? null : (registry.traffic.get(partnerId)?.kind ?? null),
    partner_ref: null,
    partner_user_ref: null,
    lender_id: product.lender_id,
    lender_ref: report.lender_ref,
    product_id: product.id,
    funder_ids: product.funders,
    funder_id: null,
    status: 'submitted',
    reason: null,
    detail: null,
    retry_at: null,
    existing_application_id: null,
    customer: findings.customer,
    requested: report.requested ?? null,
    offer: offerOf(product, registry.revision),
    fingerprint: fingerprintOf(deps, reported),
    subject: reported.subject,
    attribution: verdict,
    pins: partnerId === null ? {} : pinsAt(registry, partnerId, atMs),
    precheck_id: null,
    click_id: verdict.click_id ?? namedClick(report),
    handoff_id: report.handoff_id ?? null,
    link_code: verdict.link_code,
    ...(findings.receivedBy ? { variant: findings.receivedBy } : {}),
    sub_ids: findings.subIds,
    return_url: null,
    region: reported.region,
    // A lock keeps the applicant for the partner who brought them; nobody brought a direct one.
    lock_until: partnerId === null ? null : isoOf(atMs + product.lock_days * DAY_MS),
    credit: null,
    loans: [],
    held: [],
    last_occurred_at: null,
    created_at: now,
    accepted_at: isoOf(atMs),
    updated_at: now,
  };
}

/** Whatever the lender's app carried along is taken; only what is a click of ours is kept. */
function namedClick({ click_id: clickId }: ApplicationReport): string | null {
  return clickId && isClickId(clickId) ? clickId : null;
}

function reportedEvents(application: Application, report: ApplicationReport): DraftEvent[] {
  const at = application.accepted_at ?? application.created_at;
  const { requested, offer } = application;
  return [
    {
      type: 'application.received',
      occurred_at: at,
      data: { requested, offer, precheck_id: null, channel: report.channel, arrived: arrivalOf(application) },
    },
    {
      type: 'application.submitted',
      occurred_at: at,
      data: { lender_ref: report.lender_ref },
      now: { status: application.status },
    },
  ];
}

function fingerprintOf(deps: ReportDeps, { report, subject }: Reported): string {
  const parts = [report.product_id, ...subject.claims, ...subject.pointers, report.requested ?? null];
  return createHmac('sha256', deps.fingerprintKey).update(JSON.stringify(parts)).digest('base64url');
}

/** Takes what nobody has, or has no longer. Somebody else's live claim stays theirs: the report is none the less recorded. */
async function takeFreeClaims(deps: ReportDeps, application: Application): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const { id, lender_id: lenderId, subject } = application;
  const readings = await deps.claims.read(lenderId, [...subject.claims, ...subject.pointers]);
  const owners = await ownersOf(deps, readings, nowMs);
  // A report that comes again must not win back what has passed to a later application, ended or not.
  const keeps = ({ standing, application: owner }: (typeof owners)[number]): boolean =>
    standing.kind !== 'free' || owner.created_at > application.created_at;
  const kept = new Set(owners.filter(keeps).map((owner) => owner.application.id));
  await Promise.all(
    readings
      .filter(({ ownerId }) => ownerId === null || !kept.has(ownerId))
      .map(({ token, ownerId }) =>
        deps.claims.take(lenderId, token, {
          applicationId: id,
          partnerId: null,
          ...(ownerId === null ? {} : { replaces: ownerId }),
          nowMs,
        }),
      ),
  );
}
