import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consentParties } from '../../../../src/applications/consents/consent-parties.ts';
import { decideWithdrawal } from '../../../../src/applications/consents/decide-withdrawal.ts';
import { withConsents } from '../../../../src/applications/consents/note-consents.ts';
import type { ApplicationStatus, ConsentNote } from '../../../../src/applications/model.ts';
import { CONSENT_KINDS } from '../../../../src/registry/schema/field-catalogue.ts';
import { sampleApplication } from '../../../support/sample-application.ts';

const AT = '2026-03-03T00:00:00.000Z';

function noteOf(kind: string, change: Partial<ConsentNote> = {}): ConsentNote {
  return {
    kind,
    document: `${kind}-text`,
    version: '1',
    text_sha256: 'a'.repeat(64),
    parties: ['quickcredit', 'harbour'],
    accepted_at: '2026-03-01T00:00:00.000Z',
    withdrawn_at: null,
    ...change,
  };
}

const UNDECIDED: readonly ApplicationStatus[] = ['received', 'submitted', 'verifying', 'needs_input', 'in_review'];
const STATUSES: readonly ApplicationStatus[] = [
  ...UNDECIDED,
  'refused',
  'credit_granted',
  'credit_declined',
  'cancelled',
  'expired',
];

describe('withdrawing consents', () => {
  const cases = fc.record({
    status: fc.constantFrom(...STATUSES),
    given: fc.uniqueArray(fc.constantFrom(...CONSENT_KINDS)),
    required: fc.uniqueArray(fc.constantFrom(...CONSENT_KINDS)),
    kinds: fc.uniqueArray(fc.constantFrom(...CONSENT_KINDS), { minLength: 1 }),
  });

  test('ends an application exactly when it is undecided and cannot go on without one that was given', () => {
    fc.assert(
      fc.property(cases, ({ status, given, required, kinds }) => {
        const application = sampleApplication('W', { status, consents: given.map((kind) => noteOf(kind)) });
        const { cancels } = decideWithdrawal(application, required, kinds, AT);
        const needed = kinds.some((kind) => kind !== 'marketing' && given.includes(kind) && required.includes(kind));
        expect(cancels).toBe(UNDECIDED.includes(status) && needed);
      }),
    );
  });

  test('notes each of its kinds that was given, leaves all others, and tells the lender what it may have acted on', () => {
    fc.assert(
      fc.property(cases, ({ status, given, required, kinds }) => {
        const application = sampleApplication('W', { status, consents: given.map((kind) => noteOf(kind)) });
        const decision = decideWithdrawal(application, required, kinds, AT);
        for (const note of decision.application.consents ?? []) {
          expect(note.withdrawn_at).toBe(kinds.some((kind) => kind === note.kind) ? AT : null);
        }
        const taken = kinds.filter((kind) => given.includes(kind));
        expect(decision.told.toSorted()).toEqual(status === 'refused' ? [] : taken.toSorted());
        expect(decision.notGiven).toEqual(kinds.filter((kind) => !given.includes(kind)));
      }),
    );
  });

  test('again comes to the same state, tells nobody anew, and keeps the instant of the first time', () => {
    fc.assert(
      fc.property(cases, ({ status, given, required, kinds }) => {
        const application = sampleApplication('W', { status, consents: given.map((kind) => noteOf(kind)) });
        const first = decideWithdrawal(application, required, kinds, AT);
        const again = decideWithdrawal(first.application, required, kinds, '2026-03-04T00:00:00.000Z');
        expect(again.application).toBe(first.application);
        expect([again.fresh, again.told, again.cancels]).toEqual([[], [], first.cancels]);
      }),
    );
  });
});

describe('noted consents', () => {
  test('hold which text was accepted and when, and nothing of the person', () => {
    const { consents } = withConsents(
      sampleApplication('N'),
      [
        {
          kind: 'credit_inquiry',
          document: '张三 13800138000 授权书',
          version: '110105194912310025',
          text_sha256: 'a'.repeat(64),
          parties: ['quickcredit'],
          accepted_at: '2026-03-01T08:00:00+08:00',
          ...{ ip: '203.0.113.7', user_agent: 'Mozilla' },
        },
      ],
      AT,
      ['张三'],
    );
    const [note] = consents ?? [];
    expect(note).toEqual({
      kind: 'credit_inquiry',
      document: '*** *** 授权书',
      version: expect.any(String),
      text_sha256: 'a'.repeat(64),
      parties: ['quickcredit'],
      accepted_at: '2026-03-01T00:00:00.000Z',
      withdrawn_at: null,
    });
  });

  test('are one a text: accepted again after a withdrawal it stands, sent again from before it does not', () => {
    const withdrawn = noteOf('face', { withdrawn_at: '2026-03-02T00:00:00.000Z' });
    const application = sampleApplication('N', { consents: [withdrawn] });
    const again = (acceptedAt: string) =>
      withConsents(application, [{ ...withdrawn, accepted_at: acceptedAt }], AT).consents;
    expect(again('2026-03-01T00:00:00.000Z')).toEqual([withdrawn]);
    expect(again('2026-03-02T01:00:00.000Z')).toEqual([
      { ...withdrawn, accepted_at: '2026-03-02T01:00:00.000Z', withdrawn_at: null },
    ]);
  });

  test('stay a bounded number', () => {
    const many = Array.from({ length: 500 }, (_, index) => noteOf('loan_contract', { document: `contract-${index}` }));
    const { consents = [] } = withConsents(sampleApplication('N'), many, AT);
    expect(consents).toHaveLength(200);
    expect(consents.at(-1)?.document).toBe('contract-499');
  });
});

describe('who has to be named', () => {
  const product = { lender_id: 'quickcredit', funders: ['harbour', 'north'] };

  test('the lender, and whoever of the funders may lend by now', () => {
    expect(consentParties(product)).toEqual(['quickcredit', 'harbour', 'north']);
    const application = { funder_id: null, funder_ids: ['north'], credit: null };
    expect(consentParties(product, application)).toEqual(['quickcredit', 'north']);
    expect(consentParties(product, { ...application, funder_id: 'harbour' })).toEqual(['quickcredit', 'harbour']);
  });
});
