import { describe, expect, test } from 'vitest';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import { subjectSchema } from '../../../src/identity/subject.ts';

const MD5 = '7945bd83237335e5376ff44d62e4f0ae';
const SHA256 = 'a'.repeat(64);

describe('subject on the wire', () => {
  test.each([
    { phone: '13800138000', id_number: '11010519491231002X', name: '张三', bank_card: '6222…', device_id: 'x1y2' },
    { phone: { md5: MD5 }, id_number: { sha256: SHA256 } },
    { phone_id: { sm3: SHA256 } },
    { phone: { masked: '13800138***' }, id_number: { masked: '11010519491231****' }, name: '张三' },
    { id_number: 'E1234567', id_kind: 'passport' },
  ])('%j is a subject', (subject) => {
    expect(subjectSchema.safeParse(subject).success).toBe(true);
  });

  test.each([
    [{}, []],
    [{ name: '张三' }, []],
    [{ phone: {} }, ['phone']],
    [{ phone: { md5: MD5, sha256: SHA256 } }, ['phone']],
    [{ phone: { md5: MD5.toUpperCase() } }, ['phone', 'md5']],
    [{ phone: { sha256: MD5 } }, ['phone', 'sha256']],
    [{ phone: { masked: '13800138000' } }, ['phone', 'masked']],
    [{ phone_id: { masked: '138***' } }, ['phone_id']],
    [{ phone: { md5: MD5, sha1: MD5 } }, ['phone']],
    [{ phone_id: { md5: MD5, salt: 'x' } }, ['phone_id']],
    [{ id_number: 'A1', id_kind: 'library_card' }, ['id_kind']],
  ])('%j is not, and the fault says where', (subject, path) => {
    const result = subjectSchema.safeParse(subject);
    expect(result.success).toBe(false);
    expect(result.error?.issues[0]?.path).toEqual(path);
  });
});

describe('normalised subject', () => {
  test('every identifier is read, and the id number tells its facts', () => {
    expect(normaliseSubject({ phone: '+86 138 0013 8000', id_number: '11010519491231002x', name: '张 三' })).toEqual({
      ok: true,
      subject: {
        idKind: 'cn_resident',
        phone: { given: 'plain', value: '13800138000' },
        idNumber: { given: 'plain', value: '11010519491231002X' },
        name: { given: 'plain', value: '张三' },
        facts: { region: '110105', birthDate: '1949-12-31', sex: 'female' },
      },
    });
  });

  test('a masked id number tells district and birth date', () => {
    expect(normaliseSubject({ id_number: { masked: '11010519491231＊＊＊＊' } })).toEqual({
      ok: true,
      subject: {
        idKind: 'cn_resident',
        idNumber: { given: 'masked', prefix: '11010519491231' },
        facts: { region: '110105', birthDate: '1949-12-31' },
      },
    });
  });

  test('all faults are named at once, by pointer and code, without the values', () => {
    const result = normaliseSubject({ phone: '12345', id_number: '110105194912310021', bank_card: '4111111111111112' });
    expect(result).toMatchObject({
      ok: false,
      errors: [
        { pointer: '/phone', code: 'phone_malformed' },
        { pointer: '/id_number', code: 'id_number_checksum' },
        { pointer: '/bank_card', code: 'bank_card_checksum' },
      ],
    });
    expect(JSON.stringify(result)).not.toMatch(/12345|19491231|41111/);
  });

  test("another country's document is not held against GB 11643", () => {
    expect(normaliseSubject({ id_number: 'abcpe1234f', id_kind: 'in_pan' })).toEqual({
      ok: true,
      subject: { idKind: 'in_pan', idNumber: { given: 'plain', value: 'ABCPE1234F' } },
    });
  });
});
