import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { luhnDigit, normaliseBankCard } from '../../../src/identity/normalise-bank-card.ts';
import { normaliseDeviceId } from '../../../src/identity/normalise-device-id.ts';
import { idNumberCheckCharacter, normaliseIdNumber, readIdPrefix } from '../../../src/identity/normalise-id-number.ts';
import { normaliseName } from '../../../src/identity/normalise-name.ts';
import { normalisePhone } from '../../../src/identity/normalise-phone.ts';

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(''));

describe('phone', () => {
  test.each([
    '13800138000',
    '+8613800138000',
    '+86 138 0013 8000',
    '008613800138000',
    '86-138-0013-8000',
    '138–0013—8000',
    '(+86) 138.0013.8000',
    '１３８００１３８０００',
    '\u202d+86 138 0013 8000\u202c',
    ' 13800138000\n',
  ])('%j reads as the mainland number 13800138000', (text) => {
    expect(normalisePhone(text)).toEqual({ ok: true, e164: '+8613800138000', national: '13800138000' });
  });

  test.each([
    '',
    '1380013800',
    '138001380000',
    '12800138000',
    '+86 10 6552 9988',
    '85291234567',
    'phone',
    '+0123456789',
    '+1380013800013800',
  ])('%j is refused', (text) => {
    expect(normalisePhone(text)).toMatchObject({ ok: false, code: 'phone_malformed' });
  });

  test('a foreign number never reads as a mainland one, though its digits could', () => {
    expect(normalisePhone('+1 380 013 8000')).toMatchObject({ ok: true, national: '+13800138000' });
    expect(normalisePhone('0049 151 2345 6789')).toMatchObject({ ok: true, e164: '+4915123456789' });
  });

  test('normalising what was normalised changes nothing', () => {
    const written = fc.oneof(
      digits(9).map((rest) => `+86 13${rest}`),
      digits(9).map((rest) => `0044${rest}`),
      fc.string(),
    );
    fc.assert(
      fc.property(written, (text) => {
        const once = normalisePhone(text);
        if (!once.ok) return;
        expect(normalisePhone(once.e164)).toEqual(once);
        expect(normalisePhone(once.national)).toEqual(once);
      }),
    );
  });
});

describe('id number', () => {
  test('the example of GB 11643 passes and tells district, birth date and sex', () => {
    expect(normaliseIdNumber(' 11010519491231002x ')).toEqual({
      ok: true,
      value: '11010519491231002X',
      facts: { region: '110105', birthDate: '1949-12-31', sex: 'female' },
    });
  });

  test('full-width characters and spaces are read', () => {
    expect(normaliseIdNumber('１１０１０５ １９４９１２３１ ００２Ｘ')).toMatchObject({
      ok: true,
      value: '11010519491231002X',
    });
  });

  test('fifteen digits become eighteen characters with a check character', () => {
    expect(normaliseIdNumber('110105491231002')).toMatchObject({ ok: true, value: '11010519491231002X' });
  });

  test.each([
    ['1101051949123100', 'id_number_malformed'],
    ['X1010519491231002X', 'id_number_malformed'],
    ['990105194912310022', 'id_number_region'],
    ['110105194902300021', 'id_number_birth_date'],
    ['110105194913310021', 'id_number_birth_date'],
    ['110105194912310021', 'id_number_checksum'],
  ])('%s is refused as %s, without repeating it', (text, code) => {
    const result = normaliseIdNumber(text);
    expect(result).toMatchObject({ ok: false, code });
    expect(JSON.stringify(result)).not.toContain(text);
  });

  test('every single mistyped digit is noticed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const good = '11010519491231002X';
        const digit = (Number(good.charAt(at)) + by) % 10;
        expect(normaliseIdNumber(good.slice(0, at) + digit + good.slice(at + 1)).ok).toBe(false);
      }),
    );
  });

  test('29 February is a birth date in leap years only', () => {
    const idBornOn = (date: string) => `110105${date}001${idNumberCheckCharacter(`110105${date}001`)}`;
    expect(normaliseIdNumber(idBornOn('20000229')).ok).toBe(true);
    expect(normaliseIdNumber(idBornOn('19000229')).ok).toBe(false);
  });

  test('other documents are trimmed and made upper-case, nothing else', () => {
    expect(normaliseIdNumber(' e12345678 ', 'passport')).toEqual({ ok: true, value: 'E12345678' });
    expect(normaliseIdNumber('123-45-6789', 'us_ssn')).toEqual({ ok: true, value: '123456789' });
    expect(normaliseIdNumber('!', 'other')).toMatchObject({ ok: false, code: 'id_number_malformed' });
  });

  test('a masked number still tells district and birth date', () => {
    expect(readIdPrefix('11010519491231')).toEqual({ region: '110105', birthDate: '1949-12-31' });
    expect(readIdPrefix('110105194912')).toBeUndefined();
    expect(readIdPrefix('11010519491331')).toBeUndefined();
  });
});

describe('bank card', () => {
  test('spaces, dashes and full-width digits are read', () => {
    expect(normaliseBankCard('４１１１ 1111-1111 1111')).toEqual({
      ok: true,
      value: '4111111111111111',
      last4: '1111',
    });
  });

  test('any digits with their Luhn digit pass, with any other last digit they do not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 18 }).chain(digits), fc.integer({ min: 1, max: 9 }), (body, by) => {
        fc.pre(!body.startsWith('0'));
        const check = luhnDigit(body);
        expect(normaliseBankCard(body + check)).toMatchObject({ ok: true, value: body + check });
        expect(normaliseBankCard(body + ((Number(check) + by) % 10))).toMatchObject({ code: 'bank_card_checksum' });
      }),
    );
  });

  test('other lengths are refused', () => {
    expect(normaliseBankCard('79927398713')).toMatchObject({ ok: false, code: 'bank_card_malformed' });
  });
});

describe('name', () => {
  test.each([
    [' 张三 ', '张三'],
    ['张 三', '张三'],
    ['阿凡提•买买提', '阿凡提·买买提'],
    ['阿凡提・买买提', '阿凡提·买买提'],
    ['阿凡提．买买提', '阿凡提·买买提'],
    ['阿凡提 · 买买提', '阿凡提·买买提'],
    ['ＪＯＨＮ\u3000 Smith', 'JOHN Smith'],
    ["Seán O'Brien Jr.", "Seán O'Brien Jr."],
    ['张\u200b三', '张三'],
  ])('%j is written %j', (text, value) => {
    expect(normaliseName(text)).toEqual({ ok: true, value });
  });

  test.each([
    ['  ', 'name_empty'],
    ['三'.repeat(65), 'name_too_long'],
    ['<b>张三</b>', 'name_malformed'],
    ['张\u0007三', 'name_malformed'],
  ])('%j is refused', (text, code) => {
    expect(normaliseName(text)).toMatchObject({ ok: false, code });
  });

  test('normalising what was normalised changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = normaliseName(text);
        if (once.ok) expect(normaliseName(once.value)).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('device id', () => {
  test('is trimmed and lower-case', () => {
    expect(normaliseDeviceId(' 8D1F7F5C-6D3F-4B0E ')).toEqual({ ok: true, value: '8d1f7f5c-6d3f-4b0e' });
  });

  test('the zeros of a device that refused to be tracked are no identifier', () => {
    expect(normaliseDeviceId('00000000-0000-0000-0000-000000000000')).toMatchObject({ code: 'device_id_blank' });
    expect(normaliseDeviceId('a b c d')).toMatchObject({ code: 'device_id_malformed' });
  });
});
