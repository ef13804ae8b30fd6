import { createHash } from 'node:crypto';
import type { Language } from '../../http/accept-language.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
import { say } from './page-texts.ts';

/** A text that the applicant agrees to on the page. */
export interface PageAgreement {
  readonly kind: string;
  readonly document: string;
  readonly version: string;
  readonly textSha256: string;
  readonly url: string | null;
  /** The text itself when it stands on the page. */
  readonly text: string | null;
  /** Who is named as recipient: lender, then funders. */
  readonly parties: readonly string[];
}

const SHARING_VERSION = '1';
/** 132 bits. */
const DIGEST_LENGTH = 22;

/**
 * What has to be agreed to on the page: that what is entered goes to the lender and its funders, each by name, in the very
 * words that are shown; and what the product requires at this point.
 */
export function agreementsOf(registry: Registry, product: RegisteredProduct, language: Language): PageAgreement[] {
  const parties = [product.lender_id, ...product.funders];
  const required = product.requirements.consents
    .filter((consent) => consent.stage === 'apply')
    .map((consent) => ({
      kind: consent.kind,
      document: consent.document,
      version: consent.version,
      textSha256: consent.text_sha256,
      url: consent.url ?? null,
      text: null,
      parties,
    }));
  const text = say('dataSharing', language, {
    operator: registry.operator.legal_entities[0]?.legal_name ?? '',
    lender: lenderName(registry, product),
    funders: funderNames(registry, product, language),
  });
  const sharing = {
    kind: 'data_sharing',
    document: `hosted-page-data-sharing-${language}`,
    version: SHARING_VERSION,
    textSha256: createHash('sha256').update(text).digest('hex'),
    url: null,
    text,
    parties,
  };
  return [sharing, ...required];
}

/**
 * Fingerprint of what an applicant agrees to: every text with who receives what, and the price. When it changes between
 * showing a form and its post, the form is shown again.
 */
export function shownDigest(product: RegisteredProduct, agreements: readonly PageAgreement[]): string {
  const { rate, fees, repayment, cooling_off_days, due_day } = product;
  const texts = agreements.map(({ kind, document, version, textSha256, url, parties }) => [
    kind,
    document,
    version,
    textSha256,
    url,
    parties,
  ]);
  const shown = JSON.stringify([texts, rate, fees, repayment, cooling_off_days, due_day ?? null]);
  return createHash('sha256').update(shown).digest('base64url').slice(0, DIGEST_LENGTH);
}

/** Agreements as the application records them. */
export function consentsOf(
  agreements: readonly PageAgreement[],
  given: { readonly acceptedAt: string; readonly ip: string; readonly userAgent: string },
): Record<string, unknown>[] {
  return agreements.map(({ kind, document, version, textSha256, parties }) => ({
    kind,
    document,
    version,
    text_sha256: textSha256,
    parties,
    accepted_at: given.acceptedAt,
    ...(given.ip === '' ? {} : { ip: given.ip }),
    ...(given.userAgent === '' ? {} : { user_agent: given.userAgent }),
  }));
}

export function lenderName(registry: Registry, product: RegisteredProduct): string {
  return registry.lenders.get(product.lender_id)?.name ?? product.lender_id;
}

export function funderNames(registry: Registry, product: RegisteredProduct, language: Language): string {
  const names = product.funders.map((id) => registry.funders.get(id)?.name ?? id);
  return names.join(language === 'zh' ? '、' : ', ');
}
