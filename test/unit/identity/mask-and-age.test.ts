import { describe, expect, test } from 'vitest';
import { ageAt, ageOfIdNumber } from '../../../src/identity/age.ts';
import { maskBankCard, maskIdNumber, maskName, maskPhone } from '../../../src/identity/mask.ts';

describe('masks', () => {
  test('show enough to recognise and not enough to know', () => {
    expect(maskPhone('13800138000')).toBe('138****8000');
    expect(maskPhone('+8613800138000')).toBe('138****8000');
    expect(maskPhone('+4915123456789')).toBe('+49*********89');
    expect(maskPhone('12345')).toBe('*****');
    expect(maskName('张三')).toBe('张*');
    expect(maskName('张')).toBe('张');
    expect(maskName('Alexandrina')).toBe('A*****');
    expect(maskIdNumber('11010519491231002X')).toBe('110***********002X');
    expect(maskIdNumber('E1234567')).toBe('********');
    expect(maskBankCard('6222021234567890128')).toBe('**** 0128');
    expect(maskBankCard('0128')).toBe('****');
  });
});

describe('age', () => {
  const at = (instant: string) => Date.parse(instant);

  test('a birthday counts from its first moment in the time zone asked for', () => {
    expect(ageAt('2000-05-10', at('2026-05-09T15:59:59Z'), 'Asia/Shanghai')).toBe(25);
    expect(ageAt('2000-05-10', at('2026-05-09T16:00:00Z'), 'Asia/Shanghai')).toBe(26);
    expect(ageAt('2000-05-10', at('2026-05-09T16:00:00Z'), 'UTC')).toBe(25);
  });

  test('who was born on 29 February is older on 1 March of a common year', () => {
    expect(ageAt('2004-02-29', at('2026-02-28T12:00:00Z'), 'UTC')).toBe(21);
    expect(ageAt('2004-02-29', at('2026-03-01T12:00:00Z'), 'UTC')).toBe(22);
    expect(ageAt('2004-02-29', at('2028-02-29T12:00:00Z'), 'UTC')).toBe(24);
  });

  test('an id number tells its age, in full or masked', () => {
    expect(ageOfIdNumber('11010519491231002X', at('2026-01-01T00:00:00Z'), 'Asia/Shanghai')).toBe(76);
    expect(ageOfIdNumber('11010519491231', at('2026-01-01T00:00:00Z'), 'Asia/Shanghai')).toBe(76);
  });

  test('an unknown time zone is an error', () => {
    expect(() => ageAt('2000-01-01', 0, 'Mars/Olympus')).toThrow(RangeError);
  });
});
