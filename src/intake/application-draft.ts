import { createHmac } from 'node:crypto';
import { consentParties } from '../applications/consents/consent-parties.ts';
import type { SubjectTokens } from '../applications/model.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import { type NormalisedSubject, normaliseSubject } from '../identity/normalise-subject.ts';
import type { Subject } from '../identity/subject.ts';
import type { SubjectTokens as AllTokens } from '../identity/token.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { ApplicationInput } from './application-input.ts';
import { isCheckedWithCard } from './check-card.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { missingForStage } from './missing-requirements.ts';
import { otherTokens } from './screened-tokens.ts';
import { type OwnChecks, planChecks } from './verify-submission.ts';

/** What an input amounts to once its identity is read and its requirements are met. */
export interface ApplicationDraft {
  readonly subject: NormalisedSubject;
  readonly tokens: SubjectTokens;
  readonly fingerprint: string;
  readonly sealed: SealedRecord;
  /** What we have to have checked ourselves; absent = nothing. */
  readonly checks?: OwnChecks;
}

export type DraftResult =
  | { readonly ok: true; readonly draft: ApplicationDraft }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/** Reads and checks an input against its product: identity, required fields, documents and consents. Pure. */
export function draftApplication(
  input: ApplicationInput,
  product: RegisteredProduct,
  deps: Pick<IntakeDeps, 'tokenizer' | 'lists' | 'fingerprintKey' | 'verifier' | 'clock'>,
): DraftResult {
  const identity = normaliseSubject(plainIdentity(input.applicant));
  const faults: InputFault[] = identity.ok
    ? []
    : identity.errors.map((error) => ({ ...error, pointer: `/applicant${error.pointer}` }));
  const { requirements } = product;
  const checks =
    identity.ok && deps.verifier ? planChecks(input, identity.subject, requirements.verifications) : undefined;
  const later = deps.verifier && isCheckedWithCard(requirements) ? ['four_elements'] : [];
  const ownChecks = [...(checks?.kinds ?? []), ...later];
  const stage = { parties: consentParties(product), nowMs: deps.clock.nowMs(), ownChecks };
  faults.push(...missingForStage('apply', input, requirements, stage));
  if (!identity.ok || faults.length > 0) return { ok: false, faults };
  const { subject } = identity;
  const tokens = deps.tokenizer.tokensOfSubject(subject);
  return {
    ok: true,
    draft: {
      subject,
      tokens: { ...labelledTokens(tokens), others: otherTokens(deps, input, subject, tokens) },
      fingerprint: fingerprintOf(input, subject, deps.fingerprintKey),
      sealed: sealedRecord(input, subject),
      ...(checks ? { checks } : {}),
    },
  };
}

/**
 * Fingerprint of an input whatever its product requires by now: a retry is the same request also when a newer consent has
 * come since. Undefined when the identity cannot be read.
 */
export function fingerprintOfInput(input: ApplicationInput, key: Uint8Array): string | undefined {
  const identity = normaliseSubject(plainIdentity(input.applicant));
  return identity.ok ? fingerprintOf(input, identity.subject, key) : undefined;
}

/**
 * Tokens in claiming order. The sha256 tokens of phone and id number decide (phone first, so that nobody can wait in a
 * circle); the other forms lead whoever knows only those to the same claim.
 */
export function claimTokens(tokens: AllTokens): SubjectTokens {
  const { phone, id_number: idNumber, phone_id: phoneId } = tokens;
  const claims = [phone?.canonical, idNumber?.canonical].filter((token) => typeof token === 'string');
  const all = [phone, idNumber, phoneId].flatMap((identifier) => identifier?.all.map((one) => one.token) ?? []);
  const pointers = all.filter((token) => !claims.includes(token));
  return { claims, pointers, person: idNumber?.canonical ?? phone?.canonical ?? all[0] ?? null };
}

/** The same as an application keeps them: it must tell later, without the person, what each token is of. */
export function labelledTokens(tokens: AllTokens): SubjectTokens {
  const subject = claimTokens(tokens);
  const { phone, id_number, phone_id } = tokens;
  const labels = new Map(
    Object.entries({ phone, id_number, phone_id }).flatMap(([kind, identifier]) =>
      (identifier?.all ?? []).map(({ form, token }) => [token, `${kind}.${form}`] as const),
    ),
  );
  return { ...subject, labels: [...subject.claims, ...subject.pointers].map((token) => labels.get(token) ?? '') };
}

function plainIdentity(applicant: ApplicationInput['applicant']): Subject {
  const text = (name: string): string | undefined => {
    const value = applicant[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const given = { phone: text('phone'), id_number: text('id_number'), name: text('name'), id_kind: text('id_kind') };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Subject;
}

/** The same request again: product, the person's name, id number and phone, and what was requested. Nothing else counts. */
function fingerprintOf(input: ApplicationInput, subject: NormalisedSubject, key: Uint8Array): string {
  const { amount, term, term_unit, purpose } = input.requested;
  const plain = [subject.name, subject.idNumber, subject.phone].map((one) => (one?.given === 'plain' ? one.value : ''));
  const parts = [input.product_id, ...plain, amount.amount, amount.currency, term, term_unit, purpose];
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

/** Identity goes to the lender in normal form; everything else as it was given. */
function sealedRecord(input: ApplicationInput, subject: NormalisedSubject): SealedRecord {
  const normal: Record<string, string> = {};
  if (subject.phone?.given === 'plain') normal.phone = subject.phone.value;
  if (subject.idNumber?.given === 'plain') normal.id_number = subject.idNumber.value;
  if (subject.name?.given === 'plain') normal.name = subject.name.value;
  return {
    applicant: { ...input.applicant, ...normal },
    device: input.device ?? null,
    documents: input.documents ?? [],
    verifications: input.verifications ?? [],
    consents: input.consents ?? [],
    ...(input.return_url ? { return_url: input.return_url } : {}),
  };
}
