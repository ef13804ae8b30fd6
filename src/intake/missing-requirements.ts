import { memberAt } from '../base/member-at.ts';
import type { ApplicationInput } from './application-input.ts';
import type { InputFault } from './intake-deps.ts';

interface Requirements {
  readonly applicant: readonly string[];
  readonly documents: readonly string[];
  readonly verifications: readonly string[];
  readonly consents: readonly {
    readonly kind: string;
    readonly document: string;
    readonly version: string;
    readonly text_sha256: string;
    readonly stage: string;
  }[];
}

/** What a product requires and the input does not carry: `field_missing` and `consent_missing`, each with its pointer. */
export function missingRequirements(input: ApplicationInput, requirements: Requirements): InputFault[] {
  return [
    ...missingFields(input.applicant, requirements.applicant),
    ...missingKinds('documents', input.documents ?? [], requirements.documents),
    ...missingKinds('verifications', input.verifications ?? [], requirements.verifications),
    ...missingConsents(input.consents ?? [], requirements.consents, 'apply'),
  ];
}

function missingFields(applicant: ApplicationInput['applicant'], names: readonly string[]): InputFault[] {
  return names
    .filter((name) => isAbsent(memberAt(applicant, name)))
    .map((name) => ({
      pointer: `/applicant/${name.replaceAll('.', '/')}`,
      code: 'field_missing',
      message: 'required by this product',
    }));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function missingKinds(
  list: 'documents' | 'verifications',
  given: readonly Readonly<Record<string, unknown>>[],
  kinds: readonly string[],
): InputFault[] {
  return kinds
    .filter((kind) => !given.some((one) => one.kind === kind))
    .map((kind) => ({
      pointer: `/${list}`,
      code: 'field_missing',
      message: `one of kind ${kind} is required by this product`,
    }));
}

/** Consents that a stage needs. A consent to another version or another text is a consent to something else: stale. */
export function missingConsents(
  given: readonly Readonly<Record<string, unknown>>[],
  required: Requirements['consents'],
  stage: 'apply' | 'drawdown',
): InputFault[] {
  return required
    .filter((consent) => consent.stage === stage)
    .flatMap((consent) => {
      const sameKind = given.findIndex((one) => one.kind === consent.kind && one.document === consent.document);
      if (sameKind < 0) {
        const message = `consent ${consent.kind} to ${consent.document} version ${consent.version} is required`;
        return [{ pointer: '/consents', code: 'consent_missing', message }];
      }
      const found = given[sameKind];
      if (found?.version === consent.version && found.text_sha256 === consent.text_sha256) return [];
      const message = `stale: ${consent.document} is now version ${consent.version}, text ${consent.text_sha256}`;
      return [{ pointer: `/consents/${sameKind}`, code: 'consent_missing', message }];
    });
}
