import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HASH_FORMS, hashForms, phoneIdForms } from '../../../src/identity/hash-forms.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { createTokenizer } from '../../../src/identity/token.ts';

const PHONE = '13800138000';
const ID = '11010519491231002X';
const pepper = Buffer.alloc(32, 7);
const tokenizer = createTokenizer(pepper);

function tokensOf(subject: Subject) {
  const normalised = normaliseSubject(subject);
  if (!normalised.ok) throw new Error(JSON.stringify(normalised.errors));
  return tokenizer.tokensOfSubject(normalised.subject);
}

const hex = (form: string, text: string) => createHash(form).update(text).digest('hex');

describe('hash forms', () => {
  test('a phone is hashed as its national number', () => {
    expect(hashForms(PHONE).md5).toBe('7945bd83237335e5376ff44d62e4f0ae');
  });

  test('sm3 of "abc" is the example of GB/T 32905', () => {
    expect(hashForms('abc').sm3).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  });

  test('phone_id is the hash of the phone followed by the id number', () => {
    expect(phoneIdForms(PHONE, ID).md5).toBe(hex('md5', `${PHONE}${ID}`));
  });
});

describe('tokens', () => {
  test('a token is the first 16 bytes of HMAC-SHA-256(pepper, kind, 0, form, 0, hash) in base64url', () => {
    const hash = hex('md5', PHONE);
    const mac = createHmac('sha256', pepper).update(`phone\0md5\0${hash}`).digest();
    expect(tokenizer.token('phone', 'md5', hash)).toBe(mac.subarray(0, 16).toString('base64url'));
    expect(tokenizer.token('phone', 'md5', hash)).toHaveLength(22);
  });

  test('kind, form, hash and pepper each change the token', () => {
    const other = createTokenizer(Buffer.alloc(32, 8));
    const tokens = [
      tokenizer.token('phone', 'sha256', 'ab'),
      tokenizer.token('id_number', 'sha256', 'ab'),
      tokenizer.token('phone', 'sm3', 'ab'),
      tokenizer.token('phone', 'sha256', 'ac'),
      other.token('phone', 'sha256', 'ab'),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test('whoever is known in plain is found by every hash form of phone, id number and phone_id', () => {
    const phones = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 })
      .map((rest) => `13${rest.join('')}`);
    fc.assert(
      fc.property(phones, fc.constantFrom(...HASH_FORMS), (phone, form) => {
        const plain = tokensOf({ phone: `+86 ${phone}`, id_number: ID.toLowerCase() });
        const hashed = tokensOf({
          phone: { [form]: hex(form, phone) },
          id_number: { [form]: hex(form, ID) },
          phone_id: { [form]: hex(form, phone + ID) },
        });
        for (const kind of ['phone', 'id_number', 'phone_id'] as const) {
          expect(hashed[kind]?.all).toHaveLength(1);
          expect(plain[kind]?.all).toEqual(expect.arrayContaining(hashed[kind]?.all ?? []));
          expect(hashed[kind]?.canonical).toBe(form === 'sha256' ? plain[kind]?.canonical : null);
        }
        expect([plain.provisional, hashed.provisional]).toEqual([false, true]);
      }),
    );
  });

  test('the canonical token of a plain identifier is its sha256 token', () => {
    const tokens = tokensOf({ phone: PHONE });
    expect(tokens.phone?.canonical).toBe(tokenizer.token('phone', 'sha256', hex('sha256', PHONE)));
    expect(tokens.phone_id).toBeUndefined();
  });

  test('a masked person is the person in plain whose digits are hidden, and nobody else', () => {
    const masked = tokensOf({
      phone: { masked: '13800138***' },
      id_number: { masked: '11010519491231****' },
      name: '张三',
    });
    const same = tokensOf({ phone: PHONE, id_number: ID, name: ' 张 三' });
    const other = tokensOf({ phone: PHONE, id_number: ID, name: '张四' });
    expect(masked.provisional).toBe(true);
    expect(masked.phone).toBeUndefined();
    expect(masked.masked_person).toEqual(same.masked_person);
    expect(masked.masked_person).not.toEqual(other.masked_person);
  });

  test('too little of a masked person makes no token', () => {
    expect(tokensOf({ phone: { masked: '138****' }, id_number: { masked: '110105****' }, name: '张三' })).toEqual({
      provisional: true,
    });
    expect(tokensOf({ phone: { masked: '13800138***' } })).toEqual({ provisional: true });
  });

  test('cards and devices have tokens too', () => {
    const tokens = tokensOf({ bank_card: '4111 1111 1111 1111', device_id: 'AbCd-1234' });
    expect(tokens.bank_card?.all).toHaveLength(3);
    expect(tokens.device_id?.all[0]).toEqual({
      form: 'md5',
      token: tokenizer.token('device_id', 'md5', hex('md5', 'abcd-1234')),
    });
  });

  test('a pepper too short to keep a secret is refused', () => {
    expect(() => createTokenizer(Buffer.alloc(8))).toThrow(RangeError);
  });
});
