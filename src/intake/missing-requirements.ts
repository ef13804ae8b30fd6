import { judgeConsent, type RequiredConsent } from '../applications/consents/judge-consent.ts';
import type { ConsentNote } from '../applications/model.ts';
import { isoOf, msOf } from '../base/clock.ts';
import { memberAt } from '../base/member-at.ts';
import type { InputFault } from './intake-deps.ts';

/** When something is needed: to apply, to bind a card, to draw down, to repay. */
export type Stage = 'apply' | 'card' | 'drawdown' | 'repay';

/** What a product requires; fields, documents and verifications are all of stage `apply`. */
export interface Requirements {
  /** Names of the field catalogue, dotted. */
  readonly applicant: readonly string[];
  readonly documents: readonly string[];
  readonly verifications: readonly string[];
  readonly consents: readonly (RequiredConsent & { readonly stage: Stage })[];
}

type Entry = Readonly<Record<string, unknown>>;

/** What came along with a request. */
export interface GivenAtStage {
  readonly applicant?: Entry | undefined;
  readonly documents?: readonly Entry[] | undefined;
  readonly verifications?: readonly Entry[] | undefined;
  readonly consents?: readonly Entry[] | undefined;
}

export interface StageFacts {
  /** Ids of everybody whom a consent has to name: lender and funders. */
  readonly parties: readonly string[];
  readonly nowMs: number;
  /** What was accepted before; absent = nothing. */
  readonly accepted?: readonly ConsentNote[] | undefined;
  /** Kinds of verification that we make ourselves for this applicant. */
  readonly ownChecks?: readonly string[];
}

/** Of one loan each: what was accepted for the last one says nothing of the next. */
const ACCEPTED_EACH_TIME: ReadonlySet<string> = new Set(['loan_contract', 'guarantee']);

/** Whether a text has to be accepted anew with each drawdown. */
export function isAcceptedEachTime({ kind, stage }: { readonly kind: string; readonly stage: Stage }): boolean {
  return stage === 'drawdown' && ACCEPTED_EACH_TIME.has(kind);
}

/**
 * What a product requires at a stage and neither came along nor was there before: `field_missing` and `consent_missing`,
 * each with the pointer to its place and the name of what is missing there. A consent that came but does not count (stale,
 * expired, withdrawn, a recipient not named) is told as such. Empty = the stage may go on.
 */
export function missingForStage(
  stage: Stage,
  given: GivenAtStage,
  requirements: Requirements,
  facts: StageFacts,
): InputFault[] {
  const consents = missingConsents(stage, given.consents ?? [], requirements.consents, facts);
  if (stage !== 'apply') return consents;
  const { ownChecks = [] } = facts;
  const verifications = requirements.verifications.filter((kind) => !ownChecks.includes(kind));
  return [
    ...missingFields(given.applicant ?? {}, requirements.applicant),
    ...missingKinds('documents', given.documents ?? [], requirements.documents),
    ...missingKinds('verifications', given.verifications ?? [], verifications),
    ...consents,
  ];
}

function missingFields(applicant: Entry, names: readonly string[]): InputFault[] {
  return names
    .filter((name) => isAbsent(memberAt(applicant, name)))
    .map((name) => ({
      pointer: `/applicant/${name.replaceAll('.', '/')}`,
      code: 'field_missing',
      message: 'required by this product',
      missing: name,
    }));
}

/** Nothing, or a wrapping around nothing. */
function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.values(value).every(isAbsent);
}

function missingKinds(list: 'documents' | 'verifications', given: readonly Entry[], kinds: readonly string[]) {
  return kinds
    .filter((kind) => !given.some((one) => one.kind === kind))
    .map((kind) => ({
      pointer: `/${list}`,
      code: 'field_missing',
      message: `one of kind ${kind} is required by this product`,
      missing: `${list}.${kind}`,
    }));
}

function missingConsents(
  stage: Stage,
  given: readonly Entry[],
  required: Requirements['consents'],
  facts: StageFacts,
): InputFault[] {
  const { accepted = [] } = facts;
  const brought = given.map((consent) => withdrawnSince(consent, accepted));
  return required
    .filter((consent) => consent.stage === stage)
    .flatMap((consent) => {
      const now = judgeConsent(consent, brought, facts);
      if (now.standing === 'accepted') return [];
      const before = isAcceptedEachTime(consent) ? undefined : judgeConsent(consent, accepted, facts);
      if (before?.standing === 'accepted') return [];
      const isBrought = now.standing !== 'absent';
      const verdict = isBrought || before === undefined ? now : before;
      const party = 'party' in verdict ? verdict.party : undefined;
      const message = MESSAGES[verdict.standing](consent, party);
      const pointer = isBrought ? `/consents/${now.index}` : '/consents';
      return [{ pointer, code: 'consent_missing', message, missing: `consents.${consent.kind}` }];
    });
}

/** A consent that is sent again after it was withdrawn is still the one that was withdrawn. */
function withdrawnSince(consent: Entry, accepted: readonly ConsentNote[]): Entry {
  const { kind, accepted_at: at } = consent;
  if (typeof at !== 'string') return consent;
  const acceptedAt = isoOf(msOf(at));
  const withdrawn = accepted.find((note) => note.kind === kind && (note.withdrawn_at ?? '') >= acceptedAt);
  return withdrawn === undefined ? consent : { ...consent, withdrawn_at: withdrawn.withdrawn_at };
}

const MESSAGES = {
  absent: ({ kind, document, version }) => `consent ${kind} to ${document} version ${version} is required`,
  stale: ({ document, version, text_sha256: sha }) => `stale: ${document} is now version ${version}, text ${sha}`,
  expired: ({ document, valid_days: days }) => `expired: ${document} has to be accepted anew after ${days} days`,
  withdrawn: ({ document }) => `withdrawn: ${document} was accepted and taken back since; ask for it anew`,
  party_missing: ({ document }, party) => `the consent to ${document} does not name ${party} in parties`,
  accepted: () => '',
} as const satisfies Record<string, (consent: RequiredConsent, party?: string) => string>;
