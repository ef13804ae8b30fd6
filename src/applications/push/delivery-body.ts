import type { Application, Loan, Money, Requested, TermUnit } from '../model.ts';
import type { SealedRecord } from '../sealed-record.ts';

/** Who brought the applicant, as the lender is told; null when nobody did. */
export interface DeliveredPartner {
  readonly id: string;
  readonly kind: 'platform' | 'referral' | null;
  readonly via: 'api' | 'click' | 'handoff' | 'lender' | null;
}

/** Body of `POST {core}/applications`. Plain personal data: it is held only while it is sent. */
export interface ApplicationBody {
  readonly delivery_id: string;
  readonly application_id: string;
  readonly product_id: string;
  readonly funder_ids: readonly string[];
  readonly partner: DeliveredPartner | null;
  readonly customer: 'new' | 'returning';
  readonly trusted: boolean;
  readonly requested: Requested | null;
  readonly applicant: Readonly<Record<string, unknown>>;
  readonly device: Readonly<Record<string, unknown>> | null;
  readonly documents: readonly unknown[];
  readonly verifications: readonly unknown[];
  readonly consents: readonly unknown[];
  readonly notes: readonly unknown[];
  readonly submitted_at: string;
}

/** Body of `POST {core}/loans`. */
export interface LoanBody {
  readonly delivery_id: string;
  readonly application_id: string;
  /** The lender's reference of the application. */
  readonly lender_ref: string | null;
  readonly product_id: string;
  readonly loan_id: string;
  readonly partner_ref: string | null;
  readonly amount: Money;
  readonly term: number;
  readonly term_unit: TermUnit;
  readonly purpose: string | null;
  readonly quote_id: string | null;
  /** The lender's own name of the quote. */
  readonly quote_ref: string | null;
  /** A card that was bound: the lender has it already. */
  readonly card_id: string | null;
  /** Another card of the applicant; null where a bound one is named, or none is known. */
  readonly bank_card: Readonly<Record<string, unknown>> | null;
  /** What was accepted for this drawdown. */
  readonly consents: readonly unknown[];
  readonly funder_id: string | null;
  readonly return_url: string | null;
  readonly requested_at: string;
}

/** What a lender's core is told about a new application. Depends on nothing that changes between retries. */
export function applicationBody(deliveryId: string, application: Application, record: SealedRecord): ApplicationBody {
  return {
    delivery_id: deliveryId,
    application_id: application.id,
    product_id: application.product_id,
    funder_ids: application.funder_ids,
    partner: deliveredPartner(application),
    customer: application.customer,
    trusted: application.trusted ?? false,
    requested: application.requested,
    applicant: record.applicant,
    device: record.device,
    documents: record.documents,
    verifications: [...record.verifications, ...ownVerifications(application)],
    consents: record.consents,
    notes: application.annotations ?? [],
    submitted_at: application.accepted_at ?? application.created_at,
  };
}

/**
 * What a lender's core is told about a drawdown that a partner asked for.
 * @param record undefined once it is erased: the drawdown goes on with what is left
 */
export function loanBody(
  deliveryId: string,
  application: Application,
  loan: Loan,
  record: SealedRecord | undefined,
): LoanBody {
  const own = record?.drawdowns?.[loan.id];
  return {
    delivery_id: deliveryId,
    application_id: application.id,
    lender_ref: application.lender_ref,
    product_id: application.product_id,
    loan_id: loan.id,
    partner_ref: loan.partner_ref,
    amount: loan.amount,
    term: loan.term,
    term_unit: loan.term_unit,
    purpose: loan.purpose,
    quote_id: loan.quote_id ?? null,
    quote_ref: loan.quote_ref ?? null,
    card_id: loan.card_id ?? null,
    bank_card: own?.bank_card ?? null,
    consents: own?.consents ?? [],
    funder_id: loan.funder_id ?? application.credit?.funder_id ?? application.funder_id,
    return_url: own?.return_url ?? record?.return_url ?? application.return_url,
    requested_at: loan.created_at,
  };
}

/** What we have had checked before it was accepted, in the shape of what the partner brought. */
function ownVerifications({ verifications = [], accepted_at: acceptedAt }: Application): unknown[] {
  const own = verifications.filter(({ by, at }) => by === 'sluice' && at <= (acceptedAt ?? at));
  return own.map(({ by: _, ...verification }) => verification);
}

function deliveredPartner(application: Application): DeliveredPartner | null {
  const id = application.attribution.partner_id ?? application.owner_id;
  return id === null ? null : { id, kind: application.partner_kind, via: application.attribution.via };
}
