import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConsentNote } from '../../../src/applications/model.ts';
import {
  type GivenAtStage,
  missingForStage,
  type Requirements,
  type Stage,
} from '../../../src/intake/missing-requirements.ts';
import {
  APPLICANT_FIELDS,
  CONSENT_KINDS,
  DOCUMENT_KINDS,
  VERIFICATION_KINDS,
} from '../../../src/registry/schema/field-catalogue.ts';

const NOW = '2026-03-02T04:00:00.000Z';
const PARTIES = ['quickcredit', 'harbour'];
const STAGES: readonly Stage[] = ['apply', 'card', 'drawdown', 'repay'];
const facts = { parties: PARTIES, nowMs: Date.parse(NOW) };

type Consent = Requirements['consents'][number];

function textOf(kind: string, stage: Stage): Consent {
  return { kind, document: `${kind}-${stage}`, version: '3', text_sha256: 'a'.repeat(64), stage };
}

function accepted({ kind, document, version, text_sha256 }: Consent) {
  return { kind, document, version, text_sha256, parties: PARTIES, accepted_at: '2026-03-01T00:00:00.000Z' };
}

function note(consent: Consent, change: Partial<ConsentNote> = {}): ConsentNote {
  return { ...accepted(consent), withdrawn_at: null, ...change };
}

/** Only whole fields or only parts: a part that is missing while its whole is required would be two faults. */
const LEAVES = APPLICANT_FIELDS.filter((name) => !APPLICANT_FIELDS.some((other) => other.startsWith(`${name}.`)));

const requirementsArbitrary = fc.record({
  applicant: fc.uniqueArray(fc.constantFrom(...LEAVES)),
  documents: fc.uniqueArray(fc.constantFrom(...DOCUMENT_KINDS)),
  verifications: fc.uniqueArray(fc.constantFrom(...VERIFICATION_KINDS)),
  consents: fc
    .uniqueArray(fc.constantFrom(...CONSENT_KINDS), { maxLength: 5 })
    .map((kinds) => kinds.flatMap((kind) => STAGES.map((stage) => textOf(kind, stage)))),
});

function withField(applicant: Record<string, unknown>, name: string): Record<string, unknown> {
  const [first = '', second] = name.split('.');
  if (second === undefined) return { ...applicant, [first]: 'x' };
  return { ...applicant, [first]: { ...(applicant[first] as object | undefined), [second]: false } };
}

/** Everything that is required at a stage, without the parts that are named. */
function complete(stage: Stage, requirements: Requirements, without: readonly string[] = []): GivenAtStage {
  const kept = (prefix: string, names: readonly string[]) =>
    names.filter((name) => !without.includes(`${prefix}${name}`));
  return {
    applicant: kept('', requirements.applicant).reduce(withField, {}),
    documents: kept('documents.', requirements.documents).map((kind) => ({ kind })),
    verifications: kept('verifications.', requirements.verifications).map((kind) => ({ kind })),
    consents: requirements.consents
      .filter((one) => one.stage === stage && !without.includes(`consents.${one.kind}`))
      .map(accepted),
  };
}

function namesOf(stage: Stage, requirements: Requirements): string[] {
  const consents = requirements.consents.filter((one) => one.stage === stage).map(({ kind }) => `consents.${kind}`);
  if (stage !== 'apply') return consents;
  const { applicant, documents, verifications } = requirements;
  const listed = [
    ...documents.map((kind) => `documents.${kind}`),
    ...verifications.map((one) => `verifications.${one}`),
  ];
  return [...applicant, ...listed, ...consents];
}

function pointerOf(name: string): string {
  const [list = ''] = name.split('.');
  const isList = ['documents', 'verifications', 'consents'].includes(list);
  return isList ? `/${list}` : `/applicant/${name.replaceAll('.', '/')}`;
}

describe('what a stage requires', () => {
  test('is met by everything that is required, at every stage', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STAGES), requirementsArbitrary, (stage, requirements) => {
        expect(missingForStage(stage, complete(stage, requirements), requirements, facts)).toEqual([]);
      }),
    );
  });

  test('tells of whatever parts are taken away exactly those, each by its pointer, code and name', () => {
    const withParts = fc
      .tuple(fc.constantFrom(...STAGES), requirementsArbitrary)
      .chain(([stage, requirements]) =>
        fc.tuple(fc.constant(stage), fc.constant(requirements), fc.subarray(namesOf(stage, requirements))),
      );
    fc.assert(
      fc.property(withParts, ([stage, requirements, removed]) => {
        const faults = missingForStage(stage, complete(stage, requirements, removed), requirements, facts);
        const expected = removed.map((name) => ({
          pointer: pointerOf(name),
          code: name.startsWith('consents.') ? 'consent_missing' : 'field_missing',
          missing: name,
        }));
        const told = faults.map(({ message: _, ...fault }) => fault);
        expect(told.toSorted(byName)).toEqual(expected.toSorted(byName));
      }),
    );
  });

  test('takes nothing and wrappings around nothing for missing, and a plain no for an answer', () => {
    const requirements = { applicant: ['income', 'contacts', 'assets.car', 'assets.provident_fund', 'email'] };
    const applicant = { income: {}, contacts: [], assets: { provident_fund: false }, email: '  ' };
    const faults = missingForStage(
      'apply',
      { applicant },
      { ...requirements, documents: [], verifications: [], consents: [] },
      facts,
    );
    expect(faults.map(({ missing }) => missing)).toEqual(['income', 'contacts', 'assets.car', 'email']);
  });

  test('asks for no verification that we make ourselves', () => {
    const requirements = { applicant: [], documents: [], verifications: ['three_elements', 'liveness'], consents: [] };
    const faults = missingForStage('apply', {}, requirements, { ...facts, ownChecks: ['three_elements'] });
    expect(faults.map(({ missing }) => missing)).toEqual(['verifications.liveness']);
  });
});

function byName(one: { missing?: string | undefined }, other: { missing?: string | undefined }): number {
  return String(one.missing).localeCompare(String(other.missing));
}

describe('a consent that does not count', () => {
  const required = { ...textOf('credit_inquiry', 'card'), valid_days: 30 };
  const requirements = { applicant: [], documents: [], verifications: [], consents: [required] };
  const given = accepted(required);

  test.each([
    ['of another version', { ...given, version: '2' }, /^stale: .*version 3/],
    ['to another text', { ...given, text_sha256: 'b'.repeat(64) }, /^stale: /],
    ['that is too old', { ...given, accepted_at: '2026-01-01T00:00:00.000Z' }, /^expired: .*30 days/],
    ['that does not name a funder', { ...given, parties: ['quickcredit'] }, /does not name harbour in parties/],
    ['that does not name the lender', { ...given, parties: ['harbour', 'north'] }, /does not name quickcredit/],
  ])('%s is told as such, at its own place', (_, consent, message) => {
    const other = accepted(textOf('marketing', 'card'));
    const faults = missingForStage('card', { consents: [other, consent] }, requirements, facts);
    expect(faults).toEqual([
      {
        pointer: '/consents/1',
        code: 'consent_missing',
        missing: 'consents.credit_inquiry',
        message: expect.stringMatching(message),
      },
    ]);
  });

  test('one that was accepted before counts at a later stage, until it is withdrawn or expires', () => {
    const at = (notes: ConsentNote[]) => missingForStage('card', {}, requirements, { ...facts, accepted: notes });
    expect(at([note(required)])).toEqual([]);
    expect(at([note(required, { withdrawn_at: NOW })])[0]?.message).toMatch(/^withdrawn: /);
    expect(at([note(required, { accepted_at: '2026-01-01T00:00:00.000Z' })])[0]?.message).toMatch(/^expired: /);
  });

  test('one that is sent again after it was withdrawn stays withdrawn; one given anew counts', () => {
    const before = [note(required, { withdrawn_at: '2026-03-01T12:00:00.000Z' })];
    const send = (acceptedAt: string) =>
      missingForStage('card', { consents: [{ ...given, accepted_at: acceptedAt }] }, requirements, {
        ...facts,
        accepted: before,
      });
    expect(send('2026-03-01T00:00:00.000Z')[0]?.message).toMatch(/^withdrawn: /);
    expect(send('2026-03-01T20:00:00.000+08:00')[0]?.message).toMatch(/^withdrawn: /);
    expect(send('2026-03-02T00:00:00.000Z')).toEqual([]);
  });

  test('a loan contract is accepted with every drawdown, whatever was accepted for the last one', () => {
    const contract = textOf('loan_contract', 'drawdown');
    const needs = { ...requirements, consents: [contract, textOf('card_debit', 'drawdown')] };
    const before = [note(contract), note(textOf('card_debit', 'drawdown'))];
    const faults = missingForStage('drawdown', {}, needs, { ...facts, accepted: before });
    expect(faults.map(({ missing }) => missing)).toEqual(['consents.loan_contract']);
    expect(
      missingForStage('drawdown', { consents: [accepted(contract)] }, needs, { ...facts, accepted: before }),
    ).toEqual([]);
  });
});
