import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type FieldCheck, fieldFault } from '../../../../src/doors/referral/check-field.ts';
import { groupCard, groupIdNumber, groupPhone } from '../../../../src/doors/referral/group-digits.ts';
import { pageFields } from '../../../../src/doors/referral/page-fields.ts';
import { applicantOf } from '../../../../src/doors/referral/read-form.ts';
import { partialApplicantSchema } from '../../../../src/doors/schemas/applicant-schema.ts';
import { normaliseBankCard } from '../../../../src/identity/normalise-bank-card.ts';
import { normaliseIdNumber } from '../../../../src/identity/normalise-id-number.ts';
import { normalisePhone } from '../../../../src/identity/normalise-phone.ts';
import { APPLICANT_FIELDS } from '../../../../src/registry/schema/field-catalogue.ts';

const fields = pageFields(
  APPLICANT_FIELDS.filter((name) => name !== 'phone_verified_at'),
  'CNY',
);

/** Texts that are nearly right, for every kind of input there is. */
const typed = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    'long',
    '长期',
    '2024-02-29',
    '2023-02-29',
    '2026-13-01',
    '0000-01-01',
    '12',
    '110105',
    '99',
  ),
  fc.constantFrom('a@b.cn', 'a..b@c.cn', '.a@b.cn', 'a@b', "o'n+x@d-e.example", 'ICBC', 'icbc', 'I', '010-66554433'),
  fc.constantFrom('13800138000', '+8613800138000', '6222021234567890128', '4111 1111 1111 1111', '4111111111111112'),
  fc.constantFrom('11010519491231002X', '110105194912310021', '张三', '<b>', 'yes', 'no', 'employed', 'spouse', 'bank'),
  fc.constantFrom('5000', '5,000.50', '1.005', '-1', '99999999999.99', '999999999999'),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.emailAddress(),
  fc.stringMatching(/^\+?[0-9][0-9 ()-]{0,32}$/),
);

describe('an input of the form', () => {
  test('that passes the check of the page is taken by the field catalogue; where the page refuses, so does the catalogue', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields), typed, (field, text) => {
        const trimmed = text.trim();
        const applicant = applicantOf({ [field.name]: trimmed }, [field], 'CNY');
        // A contact is whole or none: what the other parts want says nothing of this one.
        const parsed = partialApplicantSchema.safeParse(applicant);
        const isWrong =
          Object.keys(applicant).length === 0 ||
          (!parsed.success && parsed.error.issues.some(({ path }) => path.join('.') === field.name));
        expect(fieldFault(field.check, text) !== undefined, `${field.name} = ${JSON.stringify(text)}`).toBe(isWrong);
      }),
      { numRuns: 4_000 },
    );
  });

  test('takes the e-mail addresses that the catalogue takes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), typed), (text) => {
        const isTaken = z.email().max(254).safeParse(text.trim()).success;
        expect(fieldFault({ kind: 'email' }, text) === undefined).toBe(isTaken);
      }),
    );
  });

  test.each([
    ['5000', undefined],
    ['5,000', undefined],
    ['５０００', undefined],
    ['¥5,000.00', undefined],
    ['', 'required'],
    ['999', 'amountInvalid'],
    ['50001', 'amountInvalid'],
    ['5050', 'amountInvalid'],
    ['1.005', 'amountInvalid'],
    ['much', 'amountInvalid'],
  ] as const)('an amount written %j', (text, fault) => {
    const check: FieldCheck = { kind: 'amount', currency: 'CNY', min: 100_000, max: 5_000_000, step: 10_000 };
    expect(fieldFault(check, text)).toBe(fault);
  });

  test.each([
    ['123456', undefined],
    ['123 456', undefined],
    ['１２３４', undefined],
    ['', 'otpNeeded'],
    ['123', 'otpNeeded'],
    ['12345a', 'otpNeeded'],
  ] as const)('a code written %j', (text, fault) => {
    expect(fieldFault({ kind: 'otp' }, text)).toBe(fault);
  });
});

describe('grouping a number', () => {
  test('changes nothing that it means, and grouping it again changes nothing at all', () => {
    const digits = fc.stringMatching(/^[0-9]{0,19}[0-9X]?$/);
    fc.assert(
      fc.property(fc.oneof(digits, typed), (text) => {
        for (const [group, normalise] of [
          [groupPhone, normalisePhone],
          [groupIdNumber, normaliseIdNumber],
          [groupCard, normaliseBankCard],
        ] as const) {
          expect(normalise(group(text))).toEqual(normalise(text));
          expect(group(group(text))).toBe(group(text));
        }
      }),
    );
  });

  test('reads as people read it', () => {
    expect(groupPhone('13800138000')).toBe('138 0013 8000');
    expect(groupPhone('1380')).toBe('138 0');
    expect(groupPhone('+49 151 1234567')).toBe('+49 151 1234567');
    expect(groupIdNumber('11010519491231002x')).toBe('110105 19491231 002X');
    expect(groupCard('6222021234567890128')).toBe('6222 0212 3456 7890 128');
  });
});
