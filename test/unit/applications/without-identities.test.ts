import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { starredAddress, withoutIdentities } from '../../../src/applications/without-identities.ts';
import { nextPerson } from '../../support/intake.ts';

const anybody = fc.constantFrom('0000', '8000', '1234').map((suffix) => nextPerson(suffix));
const words = fc.constantFrom('', 'call ', '请联系', 'ref:', 'x (', 'TEL=');

describe('a free text of a counterparty', () => {
  test('is kept without phone number, id number, bank card and e-mail address, however they are written', () => {
    fc.assert(
      fc.property(anybody, words, (person, before) => {
        const { phone, idNumber, bankCard } = person;
        const grouped = `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`;
        const card = bankCard.number.replaceAll(/(\d{4})(?=\d)/g, '$1 ');
        const written = [phone, `+86${phone}`, `0086${phone}`, `86-${phone}`, `+86 ${grouped}`, grouped, idNumber];
        for (const one of [...written, idNumber.toLowerCase(), bankCard.number, card, 'someone.here@mail.example']) {
          const kept = withoutIdentities(`${before}${one}, thank you`);
          expect(kept, one).toBe(`${before}***, thank you`);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is kept without what is known of the applicant, such as the name', () => {
    expect(withoutIdentities('尊敬的张三，请补件', ['张三', '', 'x'])).toBe('尊敬的***，请补件');
  });

  test('keeps what is nobody’s number', () => {
    const kept = ['ORDER-20260302-000123', '2026-03-02T04:05:06.000Z', '10,000.00 CNY', 'a1b2c3', '1234567890123456'];
    for (const text of kept) expect(withoutIdentities(text)).toBe(text);
  });
});

describe('where a code was sent', () => {
  test('is shown with its middle starred, as lenders mostly write it already', () => {
    expect(starredAddress('13812348000')).toBe('138****8000');
    expect(starredAddress('+86 138 1234 8000')).toBe('138****8000');
    expect(starredAddress('138****8000')).toBe('138****8000');
    expect(starredAddress('applicant@mail.example')).toBe('a***@mail.example');
    expect(starredAddress('尾号8000的手机')).toBe('尾号8000的手机');
  });

  test('never shows seven digits in a row, nor more than seven digits of a number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{7,20}$/), (digits) => {
        const shown = starredAddress(digits);
        expect(shown).not.toMatch(/\d{5,}/);
        expect(shown.replaceAll(/\D/g, '').length).toBeLessThanOrEqual(7);
      }),
    );
  });
});
