import type { Application } from '../applications/model.ts';
import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { type Refusal, refusal } from '../screening/decision.ts';
import { closedNow, ineligibleFor, type RuledApplicant } from '../screening/product-rules.ts';
import type { ApplicationInput } from './application-input.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** An application before its product's rules. */
export interface AskedApplication {
  readonly partner: TrafficPartner;
  readonly input: ApplicationInput;
  readonly subject: NormalisedSubject;
  readonly product: RegisteredProduct;
}

export interface Ruling {
  /** Whatever the lists or anybody's claims say. */
  readonly refusal?: Refusal;
  /** The rules that are broken, when it depends on the lists whether they count. */
  readonly ruled?: NonNullable<Application['ruled']>;
}

/**
 * What the product's own rules say, as far as no look at lists or claims is needed. `closed/paused` gives way to a live
 * reservation: what was quoted is honoured.
 */
export function ruleApplication(
  deps: Pick<IntakeDeps, 'registry' | 'pauses'>,
  { partner, input, subject, product }: AskedApplication,
  isReserved: boolean,
  nowMs: number,
): Ruling {
  const lender = deps.registry().lenders.get(product.lender_id);
  const standing = {
    partnerActive: partner.status === 'active',
    lenderActive: lender?.status === 'active',
    paused: deps.pauses.stopOf(product.id, 'new', nowMs),
  };
  const closed = closedNow(product, standing, nowMs);
  if (closed && !(isReserved && closed.detail === 'paused')) return { refusal: closed };
  const applicant = applicantOf(input, subject);
  const untrusted = ineligibleFor(product, applicant, nowMs);
  if (untrusted === undefined) return {};
  const trusted = ineligibleFor(product, applicant, nowMs, true);
  if (trusted?.detail === untrusted.detail) return { refusal: untrusted };
  return { ruled: { untrusted: untrusted.detail ?? '', trusted: trusted?.detail ?? null } };
}

/** The refusal by rules that had to wait for the lists. */
export function refusalByRules(ruled: Application['ruled'], isTrusted: boolean): Refusal | undefined {
  const detail = isTrusted ? ruled?.trusted : ruled?.untrusted;
  return detail ? refusal('ineligible', { detail }) : undefined;
}

function applicantOf({ applicant, requested }: ApplicationInput, { facts }: NormalisedSubject): RuledApplicant {
  const residence = applicant.residence as { readonly region?: string } | undefined;
  return {
    ...(facts ? { birthDate: facts.birthDate, region: facts.region } : {}),
    ...(residence?.region ? { residenceRegion: residence.region } : {}),
    stated: applicant,
    isComplete: true,
    requested,
  };
}
