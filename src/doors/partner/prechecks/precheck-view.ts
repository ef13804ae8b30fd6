import type { PrecheckAnswer, ProductAnswer } from '../../../intake/precheck-answer.ts';
import type { RegisteredProduct } from '../../../registry/registry.ts';
import type { Terms } from '../../../registry/schema/terms.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import { allTermsInForce } from '../../../registry/terms-in-force.ts';
import { tellAcceptance, tellRefusal } from '../../../screening/tell-refusal.ts';
import { subIdsOf } from '../../schemas/sub-ids-schema.ts';
import { agreementsOf } from '../agreements-of.ts';
import { commissionOf } from './commission-of.ts';
import type { CommissionRule, Limits, PrecheckRequest, PrecheckResponse, PrecheckView } from './precheck-schema.ts';

const NO_COMMISSION: CommissionRule[] = [];
/** Of several contracts, this one's version is named; it is what a contract is called by default. */
const MAIN_CONTRACT = 'main';

/** An answer as the partner may know it: single where one product was named, else one a product. */
export function precheckResponse(
  partner: TrafficPartner,
  request: PrecheckRequest,
  answer: PrecheckAnswer,
  nowMs: number,
): PrecheckResponse {
  const terms = allTermsInForce(partner, nowMs);
  const [first] = answer.answers;
  if (request.product_id !== undefined && first !== undefined) return viewOf(partner, request, answer, first, terms);
  return {
    id: answer.id,
    partner_user_ref: request.partner_user_ref ?? null,
    valid_until: answer.validUntil,
    provisional: answer.provisional || answer.answers.some(({ isUnconfirmed }) => isUnconfirmed === true),
    products: answer.answers.map((one) => viewOf(partner, request, answer, one, terms)),
  };
}

function viewOf(
  partner: TrafficPartner,
  request: PrecheckRequest,
  answer: PrecheckAnswer,
  { product, decision, reservedUntil, isUnconfirmed }: ProductAnswer,
  terms: readonly Terms[],
): PrecheckView {
  const accepted = decision.decision === 'accept';
  const told = accepted ? tellAcceptance(decision, partner.disclosure) : tellRefusal(decision, partner.disclosure);
  return {
    id: answer.id,
    product_id: product.id,
    partner_user_ref: request.partner_user_ref ?? null,
    sub_ids: subIdsOf(request.sub_ids),
    decision: decision.decision,
    reason: told.reason,
    detail: told.detail,
    retry_at: told.retry_at,
    valid_until: answer.validUntil,
    provisional: answer.provisional || isUnconfirmed === true,
    customer: accepted ? decision.customer : null,
    reserved_until: reservedUntil,
    terms_id: (terms.find((one) => one.contract === MAIN_CONTRACT) ?? terms[0])?.id ?? null,
    commission: accepted ? commissionOfAll(terms, product, decision.customer) : NO_COMMISSION,
    limits: limitsOf(product),
    agreements: agreementsOf(product),
  };
}

function commissionOfAll(
  terms: readonly Terms[],
  product: RegisteredProduct,
  customer: 'new' | 'returning',
): CommissionRule[] {
  const [only] = terms;
  if (only === undefined) return NO_COMMISSION;
  if (terms.length === 1) return commissionOf(only, product, customer);
  return terms.flatMap((one) => commissionOf(one, product, customer));
}

/** A product never changes: its successor is another object. */
const limits = new WeakMap<RegisteredProduct, Limits>();

function limitsOf(product: RegisteredProduct): Limits {
  let made = limits.get(product);
  if (made === undefined) {
    const { amount, currency, term } = product;
    made = {
      min: { amount: amount.min, currency },
      max: { amount: amount.max, currency },
      terms: term.options,
      term_unit: term.unit,
    };
    limits.set(product, made);
  }
  return made;
}
