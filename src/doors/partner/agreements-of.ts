import type { z } from '@hono/zod-openapi';
import { consentParties } from '../../applications/consents/consent-parties.ts';
import { judgeConsent } from '../../applications/consents/judge-consent.ts';
import type { Application, ConsentNote } from '../../applications/model.ts';
import type { AcceptedProduct } from '../../applications/product-as-accepted.ts';
import { isAcceptedEachTime, type Stage } from '../../intake/missing-requirements.ts';
import type { RegisteredProduct } from '../../registry/registry.ts';
import type { ConsentText } from '../../registry/schema/product.ts';
import type { agreementSchema, applicationAgreementSchema } from '../schemas/consent-schema.ts';

export type AgreementView = z.input<typeof agreementSchema>;
export type ApplicationAgreementView = z.input<typeof applicationAgreementSchema>;

/** A product never changes: its successor is another object. */
const made = new WeakMap<RegisteredProduct, AgreementView[]>();

/** The texts that an applicant for this product agrees to, at all stages, each naming lender and funders as its recipients. */
export function agreementsOf(product: RegisteredProduct): AgreementView[] {
  let agreements = made.get(product);
  if (agreements === undefined) {
    const parties = consentParties(product);
    agreements = product.requirements.consents.map((required) => viewOf(required, parties));
    made.set(product, agreements);
  }
  return agreements;
}

/** The same by the stage at which they are needed; a stage without any is empty. */
export function agreementsByStage(product: RegisteredProduct): Record<Stage, AgreementView[]> {
  const all = agreementsOf(product);
  const at = (stage: Stage): AgreementView[] => all.filter((one) => one.stage === stage);
  return { apply: at('apply'), card: at('card'), drawdown: at('drawdown'), repay: at('repay') };
}

/** The texts of an application: recipients are who may lend to this very applicant, and what was accepted says so. */
export function agreementsOfApplication(
  product: AcceptedProduct,
  application: Application,
  nowMs: number,
): ApplicationAgreementView[] {
  const parties = consentParties(product, application);
  const { consents = [] } = application;
  return product.requirements.consents.map((required) => ({
    ...viewOf(required, parties),
    ...standingOf(required, consents, { parties, nowMs }),
  }));
}

function viewOf({ url, valid_days: days, ...text }: ConsentText, parties: readonly string[]): AgreementView {
  return {
    ...text,
    url: url ?? null,
    parties: [...parties],
    valid_days: days ?? null,
    each_time: isAcceptedEachTime(text),
  };
}

function standingOf(
  required: ConsentText,
  notes: readonly ConsentNote[],
  facts: Parameters<typeof judgeConsent>[2],
): Pick<ApplicationAgreementView, 'accepted_at' | 'lapsed'> {
  const verdict = judgeConsent(required, notes, facts);
  if (verdict.standing === 'absent') return { accepted_at: null, lapsed: null };
  if (verdict.standing === 'accepted') return { accepted_at: notes[verdict.index]?.accepted_at ?? null, lapsed: null };
  return { accepted_at: null, lapsed: verdict.standing };
}
