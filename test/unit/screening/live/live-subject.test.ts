import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HASH_FORMS } from '../../../../src/identity/hash-forms.ts';
import { normaliseSubject } from '../../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../../src/identity/subject.ts';
import { type LenderForm, subjectForLender } from '../../../../src/screening/live/live-subject.ts';

const PHONE = '13800138000';
const ID_NUMBER = '11010519491231002X';
const NAME = '张三';
const DEVICE = '8d1f7f5c-6d3f-4b0e-9b57-0f5f8f0a7c11';
const CARD = '6222021234567890128';
const plain: Subject = { phone: PHONE, id_number: ID_NUMBER, name: NAME };
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function told(subject: Subject, ...forms: LenderForm[]) {
  const read = normaliseSubject(subject);
  if (!read.ok) throw new Error('no subject');
  return subjectForLender(read.subject, forms);
}

describe('what a lender is told of a subject', () => {
  test('plain, when it names plain first', () => {
    expect(told(plain, 'plain', 'md5')).toEqual({ phone: PHONE, id_number: ID_NUMBER, name: NAME });
  });

  test('hashes that we make of what we have in plain, the joint one too', () => {
    expect(told(plain, 'md5')).toEqual({
      phone: { md5: md5(PHONE) },
      id_number: { md5: md5(ID_NUMBER) },
      phone_id: { md5: md5(PHONE + ID_NUMBER) },
      name: { md5: md5(NAME) },
    });
  });

  test('of each identifier the first of its forms that can be made, and no second one', () => {
    const mixed: Subject = { phone: { md5: md5(PHONE) }, id_number: ID_NUMBER };
    expect(told(mixed, 'sha256', 'md5')).toEqual({
      phone: { md5: md5(PHONE) },
      id_number: { sha256: sha256(ID_NUMBER) },
    });
  });

  test('a hash that was given is passed on in that form alone', () => {
    const hashed: Subject = { phone: { md5: md5(PHONE) }, phone_id: { md5: md5(PHONE + ID_NUMBER) } };
    expect(told(hashed, 'plain', 'md5')).toEqual({
      phone: { md5: md5(PHONE) },
      phone_id: { md5: md5(PHONE + ID_NUMBER) },
    });
    expect(told(hashed, 'sha256')).toBeUndefined();
  });

  test('masks show eight digits of the phone, fourteen of the id number, one character of the name, whatever was given', () => {
    const expected = {
      phone: { masked: '13800138***' },
      id_number: { masked: '11010519491231****' },
      name: { masked: '张*' },
    };
    expect(told(plain, 'masked')).toEqual(expected);
    const given: Subject = {
      phone: { masked: '1380013800*' },
      id_number: { masked: '11010519491231002*' },
      name: NAME,
    };
    expect(told(given, 'masked')).toEqual(expected);
  });

  test('a mask of the phone alone names nobody, nor does a name', () => {
    expect(told({ phone: PHONE, name: NAME }, 'masked')).toBeUndefined();
    expect(told({ device_id: '8d1f7f5c-6d3f', name: NAME }, 'masked')).toBeUndefined();
  });

  test('the kind of a foreign document goes with its number, which is never masked', () => {
    const foreign: Subject = { id_number: 'E12345678', id_kind: 'passport', phone: PHONE };
    expect(told(foreign, 'plain')).toEqual({ phone: PHONE, id_number: 'E12345678', id_kind: 'passport' });
    expect(told(foreign, 'masked')).toBeUndefined();
  });

  const form = fc.constantFrom<LenderForm>('plain', 'masked', ...HASH_FORMS);
  const identifier = (value: string, masked: string) =>
    fc.constantFrom<Subject['phone']>(undefined, value, { md5: md5(value) }, { sha256: sha256(value) }, { masked });
  const subjects = fc
    .record({
      phone: identifier(PHONE, '13800138***'),
      id_number: identifier(ID_NUMBER, '11010519491231****'),
      name: fc.constantFrom<Subject['name']>(undefined, NAME, { masked: '张*' }),
      // None of these has a mask that says anything.
      device_id: fc.constantFrom<Subject['device_id']>(undefined, DEVICE, { md5: md5(DEVICE) }),
      bank_card: fc.constantFrom<Subject['bank_card']>(undefined, CARD),
      id_kind: fc.constantFrom<Subject['id_kind']>(undefined, 'passport'),
    })
    .filter(({ phone, id_number }) => phone !== undefined || id_number !== undefined);

  test('a lender gets only the forms it understands and never plain when it did not ask for plain', () => {
    fc.assert(
      fc.property(subjects, fc.uniqueArray(form, { minLength: 1 }), (subject, forms) => {
        const answer = told(subject, ...forms);
        if (answer === undefined) return;
        const text = JSON.stringify(answer);
        if (!forms.includes('plain'))
          for (const secret of [PHONE, ID_NUMBER, NAME, DEVICE, CARD]) expect(text).not.toContain(secret);
        const { id_kind: _, ...identifiers } = answer;
        for (const value of Object.values(identifiers)) {
          const names = typeof value === 'string' ? ['plain'] : Object.keys(value);
          expect(names).toHaveLength(1);
          expect(forms).toContain(names[0]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
