import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashForms } from '../../../src/identity/hash-forms.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import { createTokenizer } from '../../../src/identity/token.ts';
import { readWantedSubject, showsIdentity } from '../../../src/privacy/wanted-subject.ts';

const tokenizer = createTokenizer(Buffer.alloc(32, 3));
const phone = '13800138000';
const idNumber = '11010519491231002X';

function tokensOf(subject: Subject): readonly string[] {
  const read = readWantedSubject(subject, tokenizer);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.wanted.tokens;
}

describe('whom an operator asks for', () => {
  test('is the same person in plain and in every hash of it', () => {
    const plain = tokensOf({ phone });
    const forms = hashForms(phone);
    for (const [form, hash] of Object.entries(forms)) {
      expect(plain, form).toContain(tokensOf({ phone: { [form]: hash } as Subject['phone'] })[0]);
    }
    expect(tokensOf({ phone: `+86 ${phone}` })).toEqual(plain);
    const md5 = createHash('md5')
      .update(phone + idNumber)
      .digest('hex');
    expect(tokensOf({ phone, id_number: idNumber })).toContain(tokensOf({ phone_id: { md5 } })[0]);
  });

  test('is asked for by what was given: a phone_id that only follows is none of it', () => {
    const read = readWantedSubject({ phone, id_number: idNumber }, tokenizer);
    expect(read.ok && read.wanted.given.map(({ kind }) => kind)).toEqual(['id_number', 'phone']);
  });

  test.each([
    [{ phone: { masked: '13800138***' }, id_number: { masked: '11010519491231****' }, name: '张三' }],
    [{ bank_card: '6222021234567890128' }],
    [{ device_id: '8d1f7f5c-6d3f-4b0e-9b57-0f5f8f0a7c11' }],
  ])('cannot be found by %j', (subject) => {
    expect(readWantedSubject(subject as Subject, tokenizer)).toMatchObject({
      ok: false,
      faults: [{ code: 'invalid' }],
    });
  });

  test('a faulty identifier is told with its place and without itself', () => {
    const read = readWantedSubject({ phone: '1380013800', id_number: '110105194912310021' }, tokenizer);
    if (read.ok) throw new Error('it was read');
    expect(read.faults.map(({ pointer }) => pointer)).toEqual(['/phone', '/id_number']);
    expect(JSON.stringify(read)).not.toMatch(/1380013800|110105194912310021/);
  });
});

describe('a reason', () => {
  test.each([
    [`asked by ${phone}`],
    ['asked by 138 0013 8000 today'],
    ['id 110105 19491231 002x'],
    ['张三 wrote to us'],
  ])('may not show whom it is about: %j', (reason) => {
    expect(showsIdentity(reason, { phone: `+86 ${phone}`, id_number: idNumber, name: '张三' })).toBe(true);
  });

  test('may say anything else', () => {
    expect(showsIdentity('ticket 4711 of 2026-03-02', { phone, id_number: idNumber, name: '张三' })).toBe(false);
    expect(showsIdentity('ticket', { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } })).toBe(false);
  });
});
