import type { Application, Credit, Money } from '../model.ts';
import { actionView } from './action-view.ts';
import { openActionOf } from './actions.ts';
import { availableCredit } from './available.ts';
import type { DatedCredit } from './dated.ts';
import { type LoanView, loanView, type Visibility } from './loan-view.ts';

/** How much of a refusal a partner is told. */
export type Disclosure = 'coarse' | 'full' | 'institution';

export interface Viewer {
  readonly visibility: Visibility;
  readonly disclosure: Disclosure;
}

/** Sees everything: operators, the lender. */
export const FULL_VIEW: Viewer = { visibility: 'full', disclosure: 'institution' };

export type ApplicationView = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly status: string;
  readonly loans: readonly LoanView[];
};

/** The application as the contract shows it. */
export function applicationView(application: Application, viewer: Viewer): ApplicationView {
  const { attribution } = application;
  return {
    id: application.id,
    partner_ref: application.partner_ref,
    partner_user_ref: application.partner_user_ref,
    lender_ref: application.lender_ref,
    product_id: application.product_id,
    // The claim steps are internal and take milliseconds.
    status: application.status === 'screening' ? 'received' : application.status,
    ...told(application, viewer.disclosure),
    retry_at: application.retry_at,
    existing_application_id: application.existing_application_id,
    display: null,
    customer: application.customer,
    requested: application.requested,
    next_action: actionView(openActionOf(application)),
    credit: creditView(application),
    verifications: application.verifications ?? [],
    loans: application.loans.map((loan) => loanView(application, loan, viewer.visibility)),
    attribution: { partner_id: attribution.partner_id, via: attribution.via, reason: attribution.reason },
    sub_ids: application.sub_ids,
    created_at: application.created_at,
    updated_at: application.updated_at,
  };
}

export type CreditView = Readonly<Record<string, unknown>> & { readonly status: Credit['status'] };

/** The credit as the contract shows it; null before it is granted. */
export function creditView(application: Application): CreditView | null {
  const credit: DatedCredit | null = application.credit;
  if (credit === null) return null;
  const money = (amount: number): Money => ({ amount, currency: credit.currency });
  return {
    status: credit.status,
    amount: money(credit.amount),
    min: credit.min === null ? null : money(credit.min),
    step: credit.step === null ? null : money(credit.step),
    available: money(credit.status === 'active' ? availableCredit(application) : 0),
    terms: credit.terms,
    term_unit: credit.term_unit,
    pricing: credit.pricing,
    apr: credit.apr,
    expires_at: credit.expires_at,
    grade: credit.grade,
    funder_id: credit.funder_id,
  };
}

/** Why it was refused, as far as this partner is told; a list is never named. Other reasons are the lender's, told as given. */
function told(application: Application, disclosure: Disclosure): { reason: string | null; detail: string | null } {
  const { reason, detail } = application;
  if (application.status !== 'refused' || disclosure === 'institution') return { reason, detail };
  if (disclosure === 'coarse') return { reason: null, detail: null };
  return reason === 'blocked' ? { reason: 'ineligible', detail: null } : { reason, detail };
}
